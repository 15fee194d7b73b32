import type { RegistryEntry } from '../../../server/src/contract/registry.ts'
import {
  branchesOf,
  type InputField,
  type Path,
  record,
  requiredOf,
  resolved,
  type SchemaPart,
} from './fields.ts'

/** One thing wrong with an otherwise valid input. */
export interface Wrong {
  readonly path: Path
  readonly name: string
  readonly kind: InputField['kind']
  /** Undefined leaves the field out. */
  readonly value: unknown
}

const MOST_ITEMS = 1_001

/** Everything that a procedure's JSON Schema forbids at one place: each type, bound, form, key and gap. */
export function wrongValues(entry: RegistryEntry): Wrong[] {
  const root = record(entry.input)
  const visit = (given: SchemaPart, path: Path, required: boolean): Wrong[] => {
    const part = resolved(given, root)
    const branches = branchesOf(part)?.map((one) => resolved(one, root))
    if (branches !== undefined) {
      const plain = branches.filter(({ type }) => type !== 'null')
      const nullable = plain.length < branches.length
      // With several alternatives, what is wrong for one may be right for another.
      const found = plain.length === 1 ? plain.flatMap((one) => visit(one, path, required)) : []
      return nullable ? found.filter(({ value }) => value !== null) : found
    }
    const name = path.join('.')
    const wrong = (value: unknown): Wrong => ({ path, name, kind: kindOf(part), value })
    const here =
      path.length === 0 ? [] : [...forbidden(part).map(wrong), ...(required ? [wrong(undefined)] : [])]
    if (part.type === 'array') return [...here, ...visit(record(part.items), [...path, 0], false)]
    if (part.type !== 'object') return here
    const needed = requiredOf(part)
    const inner = Object.entries(record(part.properties)).flatMap(([key, one]) =>
      visit(record(one), [...path, key], needed.includes(key)),
    )
    // Keys that are not declared: those that would matter most if a row were made of them.
    const extra =
      part.additionalProperties === false || part.additionalProperties === undefined ? EXTRA_KEYS : []
    return [
      ...here,
      ...inner,
      ...extra.filter((key) => !(key in record(part.properties))).map((key) => surplus(path, key)),
    ]
  }
  return entry.input === null ? [] : visit(root, [], true)
}

const EXTRA_KEYS = [
  'isAdmin',
  'userId',
  'createdAt',
  'deletedAt',
  'passwordHash',
  'constructor',
  'toString',
  '$where',
]

function surplus(path: Path, key: string): Wrong {
  const where = [...path, key]
  return { path: where, name: where.join('.'), kind: 'any', value: 'x' }
}

function kindOf(part: SchemaPart): InputField['kind'] {
  if (part.type === 'array') return 'list'
  if (part.type === 'number' || part.type === 'integer') return 'number'
  if (part.type === 'boolean') return 'boolean'
  return part.enum !== undefined || part.format !== undefined ? 'formed' : 'text'
}

function forbidden(part: SchemaPart): unknown[] {
  const { type } = part
  if (part.const !== undefined) return ['other', 0, {}, []]
  if (Array.isArray(part.enum))
    return ['nope', '', 0, true, null, [], {}, ...[part.enum[0]].map((one) => [one])]
  if (type === 'string') return strings(part)
  if (type === 'integer' || type === 'number') return numbers(part)
  if (type === 'boolean') return ['true', 'false', 0, 1, '', null, [], {}]
  if (type === 'object') return [null, 'x', 1, true, []]
  if (type !== 'array') return []
  const { minItems, maxItems } = part
  return [
    ...[null, 'x', 1, {}, { length: 1 }],
    ...(typeof minItems === 'number' && minItems > 0 ? [[]] : []),
    ...(typeof maxItems === 'number' && maxItems < MOST_ITEMS
      ? [Array.from({ length: maxItems + 1 }, () => 'x')]
      : []),
  ]
}

function strings(part: SchemaPart): unknown[] {
  const formed = part.format === 'uuid' || part.format === 'date-time'
  return [
    ...[0, true, null, [], {}, ['x'], { toString: 'x' }],
    ...(formed ? ['nope', '2026-02-30T00:00:00Z', '12345678123442348234123456789012'] : []),
    ...(typeof part.minLength === 'number' && part.minLength > 0 ? [''] : []),
    ...(typeof part.maxLength === 'number' ? ['x'.repeat(part.maxLength + 1)] : []),
  ]
}

function numbers(part: SchemaPart): unknown[] {
  return [
    ...['1', '', true, null, [], {}, [1]],
    ...(part.type === 'integer' ? [1.5, 1e21] : []),
    ...(typeof part.minimum === 'number' ? [part.minimum - 1] : []),
    ...(typeof part.maximum === 'number' ? [part.maximum + 1] : []),
  ]
}
