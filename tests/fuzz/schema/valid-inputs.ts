import fc from 'fast-check'
import type { RegistryEntry } from '../../../server/src/contract/registry.ts'
import { branchesOf, type Path, record, requiredOf, resolved, type SchemaPart, valueAt } from './fields.ts'

/** Fields whose right values follow from the state of the server, not from their schema. */
const BY_STATE = /(?:^|\.)(?:cursor|version|token|refreshToken|password|currentPassword|newPassword|email)$/
const MAX_ITEMS = 4
const MAX_TEXT = 400
const SOON = new Date('2030-01-01T00:00:00Z')
const LATE = new Date('2099-12-31T23:59:59.999Z')

/**
 * Inputs that a procedure's JSON Schema allows, at its boundaries as often as between them. Ids and secrets are those of
 * `example`, as made-up ones would only ever be missing.
 */
export function validInputs(entry: RegistryEntry, example: unknown): fc.Arbitrary<unknown> {
  if (entry.input === null) return fc.constant(undefined)
  const root = record(entry.input)
  const visit = (given: SchemaPart, path: Path): fc.Arbitrary<unknown> => {
    const part = resolved(given, root)
    const kept = valueAt(example, path)
    const name = path.join('.')
    if (kept instanceof File || part.format === 'uuid' || BY_STATE.test(name)) {
      return kept === undefined ? fc.constant(undefined) : fc.constant(kept)
    }
    const branches = branchesOf(part)
    if (branches !== undefined) return fc.oneof(...branches.map((one) => visit(one, path)))
    if (part.const !== undefined) return fc.constant(part.const)
    if (Array.isArray(part.enum)) return fc.constantFrom(...part.enum)
    if (part.type === 'string') return texts(part, kept)
    if (part.type === 'integer') return integers(part)
    if (part.type === 'number') return fc.double({ noNaN: true, noDefaultInfinity: true, ...range(part) })
    if (part.type === 'boolean') return fc.boolean()
    if (part.type === 'null') return fc.constant(null)
    if (part.type === 'array') return lists(part, visit(record(part.items), [...path, 0]))
    if (part.type === 'object') return objects(part, path, visit)
    return fc.jsonValue({ maxDepth: 2 })
  }
  return visit(root, [])
}

function texts(part: SchemaPart, kept: unknown): fc.Arbitrary<unknown> {
  if (part.format === 'date-time') {
    return fc.date({ min: SOON, max: LATE, noInvalidDate: true }).map((date) => date.toISOString())
  }
  const min = Math.max(typeof part.minLength === 'number' ? part.minLength : 0, 0)
  const max = typeof part.maxLength === 'number' ? part.maxLength : MAX_TEXT
  const fits = (text: string) =>
    text.length >= min && text.length <= max && (min === 0 || text.trim() !== '') && !text.includes('\0')
  const free = fc
    .string({ unit: 'grapheme', minLength: min, maxLength: Math.min(max, MAX_TEXT) })
    .filter(fits)
  const boundary = fc.constantFrom(
    'x'.repeat(Math.max(min, 1)),
    'x'.repeat(max),
    '🌷'.repeat(Math.floor(max / 2)),
  )
  if (typeof part.pattern !== 'string') return fc.oneof(free, boundary.filter(fits))
  const pattern = new RegExp(part.pattern, 'u')
  const matching = fc
    .oneof(fc.stringMatching(/^[a-z][a-z0-9]{0,20}$/), fc.stringMatching(/^[A-Za-z][A-Za-z ]{0,20}[a-z]$/))
    .filter((text) => fits(text) && pattern.test(text))
  const possible = ['abc', 'Abc def'].some((text) => pattern.test(text))
  return possible ? matching : fc.constant(kept)
}

function range(part: SchemaPart): { min?: number; max?: number } {
  return {
    ...(typeof part.minimum === 'number' ? { min: part.minimum } : {}),
    ...(typeof part.maximum === 'number' ? { max: part.maximum } : {}),
  }
}

function integers(part: SchemaPart): fc.Arbitrary<number> {
  const { min = -(2 ** 31), max = 2 ** 31 - 1 } = range(part)
  const low = Math.max(min, Number.MIN_SAFE_INTEGER)
  const high = Math.min(max, Number.MAX_SAFE_INTEGER)
  return fc.oneof(fc.integer({ min: low, max: high }), fc.constantFrom(low, high))
}

function lists(part: SchemaPart, item: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const minLength = typeof part.minItems === 'number' ? part.minItems : 0
  const most = typeof part.maxItems === 'number' ? part.maxItems : MAX_ITEMS
  const maxLength = Math.max(minLength, Math.min(most, MAX_ITEMS))
  // Lists of one thing twice are refused in places that a schema of JSON has no word for.
  return fc
    .uniqueArray(item, { minLength, maxLength, selector: (value) => JSON.stringify(value) })
    .map((given) => given.filter((value) => value !== undefined))
}

function objects(
  part: SchemaPart,
  path: Path,
  visit: (part: SchemaPart, path: Path) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const properties = Object.entries(record(part.properties))
  const keys = properties.map(([key]) => key)
  const model = Object.fromEntries(
    properties.map(([key, inner]) => [key, visit(record(inner), [...path, key])]),
  )
  const requiredKeys = requiredOf(part).filter((key): key is string => typeof key === 'string')
  const made = fc.record(model, { requiredKeys }).map(withoutUndefined)
  // An object of options only means something with at least one of them.
  return requiredKeys.length > 0 || keys.length === 0 || path.length === 0
    ? made
    : made.filter((value) => Object.keys(value).length > 0)
}

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined))
}
