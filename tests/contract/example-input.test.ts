import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { describeRouter } from '../../server/src/commands/support/describe-router.ts'
import { exampleId, exampleInput, exampleOf, exampleOutput } from '../../server/src/contract/example-input.ts'
import { jsonSchemaOf, named } from '../../server/src/contract/json-schema.ts'
import type { ProcedureMeta } from '../../server/src/contract/procedure.ts'
import { registryOf, takesFile } from '../../server/src/contract/registry.ts'

const router = await describeRouter()
const registry = registryOf(router)

function metaOf(path: string): ProcedureMeta {
  const procedures: Record<string, { _def: { meta: ProcedureMeta } }> = router._def.procedures
  const found = procedures[path]
  if (found === undefined) throw new Error(`There is no ${path}`)
  return found._def.meta
}

describe('every procedure has an example', () => {
  test.each(registry.map((entry) => [entry.path, entry] as const))('%s', (path, entry) => {
    const { input, output } = metaOf(path)
    const sent = exampleInput(entry)
    // A file is its name.
    const whole = takesFile(entry) ? Object.assign({}, sent, { file: new File(['text'], 'notes.txt') }) : sent
    expect(z.safeParse(input, whole).error?.issues, JSON.stringify(sent)).toBeUndefined()
    const got = exampleOutput(entry)
    expect(z.safeParse(output, got).error?.issues, JSON.stringify(got)).toBeUndefined()
  })
})

test('ids say what they are of, and are the same everywhere', () => {
  const list = registry.find(({ path }) => path === 'tasks.list')
  expect(list && exampleInput(list)).toEqual({ projectId: exampleId('project') })
  expect(list && exampleOutput(list)).toMatchObject({
    data: [{ id: exampleId('task'), projectId: exampleId('project') }],
  })
})

interface Tree {
  name: string
  children: Tree[]
  parent: Tree | null
}
const Tree: z.ZodType<Tree, Tree> = named(
  'ExampleTestTree',
  'Trees within trees.',
  z.object({
    name: z.string(),
    get children() {
      return z.array(Tree)
    },
    get parent() {
      return Tree.nullable()
    },
  }),
)

test.each<[z.ZodType, unknown]>([
  [z.object({ a: z.string(), b: z.string().optional(), c: z.int().default(3) }), { a: 'a' }],
  [
    z.object({
      a: z
        .string()
        .optional()
        .meta({ examples: ['shown'] }),
    }),
    { a: 'shown' },
  ],
  [
    z.object({
      a: z
        .string()
        .meta({ examples: ['shown'] })
        .optional(),
    }),
    { a: 'shown' },
  ],
  [
    z.object({
      a: z
        .string()
        .meta({ examples: ['shown'] })
        .nullable()
        .optional(),
    }),
    { a: 'shown' },
  ],
  [z.object({ userIds: z.array(z.uuid()).min(1) }), { userIds: [exampleId('user')] }],
  [z.object({ user: z.object({ id: z.uuid() }) }), { user: { id: exampleId('user') } }],
  [z.object({ id: z.uuid(), at: z.iso.datetime() }), { id: exampleId('x'), at: '2026-11-21T10:00:00.000Z' }],
  [z.object({ n: z.int().min(5), m: z.number().max(0.5), o: z.number().positive() }), { n: 5, m: 0.5, o: 1 }],
  [z.union([z.null(), z.literal('a')]), 'a'],
  [z.intersection(z.object({ a: z.string() }), z.object({ b: z.boolean() })), { a: 'a', b: true }],
  [z.tuple([z.string(), z.int()]), ['text', 1]],
  [Tree, { name: 'Launch', children: [], parent: null }],
])('an example of each kind of schema: %#', (schema, expected) => {
  const example = exampleOf(jsonSchemaOf(schema, 'input'), 'x')
  expect(example).toEqual(expected)
  expect(schema.safeParse(example).error).toBeUndefined()
})
