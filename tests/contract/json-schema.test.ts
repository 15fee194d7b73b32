import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { branded, jsonSchemaOf, named } from '../../server/src/contract/json-schema.ts'
import { typeExpression } from '../../server/src/surfaces/sdk/type-expression.ts'

interface Tree {
  name: string
  children: Tree[]
}

const Tree: z.ZodType<Tree, Tree> = named(
  'SchemaTestTree',
  'Trees within trees.',
  z.object({
    name: z.string(),
    get children() {
      return z.array(Tree)
    },
  }),
)

/** The type as one line. */
function printed(schema: z.ZodType, direction: 'input' | 'output'): string {
  const nameOf = (ref: string): string => ref.replace('#/$defs/', '').replace('#', 'Self')
  return typeExpression(jsonSchemaOf(schema, direction), { direction, nameOf }).replace(/\n\s*/g, ' ')
}

const day = z.codec(z.iso.date(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString().slice(0, 10),
})

/** A schema, what is sent for it and what is got; the same when only one is given. */
const cases: Record<string, [schema: z.ZodType, input: string, output?: string]> = {
  union: [z.union([z.string(), z.object({ a: z.int() })]), 'string | { a: number }'],
  'union of primitives in an array': [z.array(z.union([z.string(), z.null()])), '(string | null)[]'],
  'discriminated union': [
    z.discriminatedUnion('k', [
      z.object({ k: z.literal('a'), n: z.number() }),
      z.object({ k: z.literal('b') }),
    ]),
    "{ k: 'a' n: number } | { k: 'b' }",
  ],
  intersection: [
    z.intersection(z.object({ a: z.string() }), z.object({ b: z.string() })),
    '{ a: string b: string }',
  ],
  record: [z.record(z.string(), z.array(z.int())), 'Record<string, number[]>'],
  'record of an enum': [z.record(z.enum(['a', 'b']), z.boolean()), "Record<'a' | 'b', boolean>"],
  'partial record': [z.partialRecord(z.enum(['a', 'b']), z.int()), "Partial<Record<'a' | 'b', number>>"],
  'object with a catch-all': [
    z.object({ a: z.string() }).catchall(z.int()),
    '{ a: string [key: string]: number | string | undefined }',
  ],
  'recursion with a name': [Tree, 'SchemaTestTree'],
  file: [z.object({ file: z.file() }), '{ file: FileInput }', '{ file: string }'],
  default: [
    z.object({ a: z.int().default(1) }),
    '{ /** @default 1 */ a?: number | undefined }',
    '{ a: number }',
  ],
  optional: [z.object({ a: z.string().optional() }), '{ a?: string | undefined }'],
  nullable: [z.object({ a: z.string().nullable() }), '{ a: string | null }'],
  nullish: [z.object({ a: z.string().nullish() }), '{ a?: string | null | undefined }'],
  brand: [branded(z.uuid(), 'UserId'), 'string', "Branded<'UserId'>"],
  date: [z.object({ at: z.date() }), '{ /** @format date-time */ at: string }'],
  'ISO date and time': [z.iso.datetime(), 'string'],
  codec: [z.object({ day }), '{ day: string }', '{ /** @format date-time */ day: string }'],
  bigint: [z.bigint(), 'string'],
  enum: [z.enum(['a', "it's"]), "'a' | 'it\\'s'"],
  literals: [z.literal(['a', 2, true, null]), "'a' | 2 | true | null"],
  tuple: [
    z.tuple([z.string(), z.int().optional()]).rest(z.boolean()),
    '[string, (number | undefined)?, ...boolean[]]',
  ],
  readonly: [z.array(z.array(z.string()).readonly()), '(readonly string[])[]'],
  unknown: [z.object({ a: z.unknown() }), '{ a: unknown }', '{ a?: unknown }'],
  never: [z.object({ a: z.never().optional() }), '{ a?: undefined }'],
  'empty object': [z.strictObject({}), 'Record<string, never>'],
  'odd names': [z.object({ 'a-b': z.string() }), "{ 'a-b': string }"],
  description: [z.object({ a: z.string().describe('ends */ here') }), '{ /** ends * / here */ a: string }'],
  deprecated: [z.object({ a: z.string().meta({ deprecated: true }) }), '{ /** @deprecated */ a: string }'],
}

describe('zod becomes JSON Schema becomes TypeScript', () => {
  test.each(Object.entries(cases))('%s', (_name, [schema, input, output = input]) => {
    expect(printed(schema, 'input')).toBe(input)
    expect(printed(schema, 'output')).toBe(output)
  })

  test('recursion without a name refers to its own root', () => {
    const Folder = z.object({
      get folders() {
        return z.array(Folder)
      },
    })
    expect(printed(Folder, 'output')).toBe('{ folders: Self[] }')
  })

  test('a schema without a rule is an error, not unknown', () => {
    const scope = { direction: 'output', nameOf: (ref: string) => ref } as const
    expect(() => typeExpression({ contains: { type: 'string' } }, scope)).toThrow('"contains"')
  })
})

describe('JSON Schema says what types cannot', () => {
  test('dates, files, brands and bounds', () => {
    const schema = z.strictObject({
      at: z.date(),
      file: z.file(),
      id: branded(z.string(), 'ThingId'),
      limit: z.int().min(1).max(100).default(20),
      big: z.bigint(),
    })
    expect(jsonSchemaOf(schema, 'input')).toMatchObject({
      type: 'object',
      properties: {
        at: { type: 'string', format: 'date-time' },
        file: { type: 'string', format: 'binary' },
        id: { type: 'string', 'x-brand': 'ThingId' },
        limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
        big: { type: 'string', pattern: '^-?\\d+$' },
      },
      required: ['at', 'file', 'id', 'big'],
      additionalProperties: false,
    })
    expect(jsonSchemaOf(schema, 'output').required).toContain('limit')
  })

  test('a named schema is one definition however often it is used', () => {
    const schema = z.object({ one: Tree, more: z.array(Tree) })
    expect(jsonSchemaOf(schema, 'output')).toMatchObject({
      properties: {
        one: { $ref: '#/$defs/SchemaTestTree' },
        more: { items: { $ref: '#/$defs/SchemaTestTree' } },
      },
      $defs: { SchemaTestTree: { description: 'Trees within trees.' } },
    })
  })
})
