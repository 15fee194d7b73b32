import type { JsonSchema } from '../../server/src/contract/json-schema.ts'
import type { RegistryEntry } from '../../server/src/contract/registry.ts'

const ROUTER_SIZE = 10
const INPUT_FIELDS = 6
const OUTPUT_FIELDS = 10

/** `count` procedures as they come from the registry: routers of ten, inputs of six and outputs of ten fields. */
export function syntheticRegistry(count: number): RegistryEntry[] {
  return Array.from({ length: count }, (_, index) => entry(index))
}

/** The path of procedure `index` of a synthetic registry. */
export function pathOf(index: number): { router: string; name: string } {
  return { router: `router${Math.floor(index / ROUTER_SIZE)}`, name: `procedure${index}` }
}

/** Every third procedure is a list that goes on from page to page. */
export function isList(index: number): boolean {
  return index % 3 === 0
}

/** Every third procedure is a mutation. */
export function isMutation(index: number): boolean {
  return index % 3 === 2
}

const PAGINATION: JsonSchema = {
  type: 'object',
  properties: { nextCursor: { anyOf: [{ type: 'string' }, { type: 'null' }] }, hasNext: { type: 'boolean' } },
  required: ['nextCursor', 'hasNext'],
}

function inputOf(index: number): JsonSchema {
  const input = fields('in', INPUT_FIELDS, index)
  return isList(index) ? { ...input, properties: { ...input.properties, cursor: { type: 'string' } } } : input
}

function entry(index: number): RegistryEntry {
  const { router, name } = pathOf(index)
  const base = {
    access: { who: 'user' },
    limit: 'read',
    scope: 'tasks:read',
    errors: ['VERSION_CONFLICT'],
  } as const
  return {
    path: `${router}.${name}`,
    kind: isMutation(index) ? 'mutation' : 'query',
    summary: `Does thing ${index}.`,
    description: undefined,
    policy: isMutation(index) ? { ...base, audit: 'thing.do' } : base,
    input: inputOf(index),
    output: {
      type: 'object',
      properties: {
        data: { type: 'array', items: fields('out', OUTPUT_FIELDS, index) },
        total: { type: 'integer' },
        ...(isList(index) ? { pagination: PAGINATION } : {}),
      },
      required: isList(index) ? ['data', 'pagination'] : ['data'],
    },
    job: null,
  }
}

function fields(prefix: string, count: number, seed: number): JsonSchema {
  const kinds: JsonSchema[] = [
    { type: 'string' },
    { type: 'integer' },
    { type: 'string', enum: ['todo', 'doing', 'done'] },
    { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }] },
    { type: 'array', items: { type: 'string' } },
  ]
  const names = Array.from({ length: count }, (_, index) => `${prefix}${seed}Field${index}`)
  const properties = Object.fromEntries(
    names.map((name, index) => [name, kinds[(index + seed) % kinds.length] ?? {}]),
  )
  return { type: 'object', properties, required: names.slice(0, count - 2) }
}
