import type { JsonSchema } from '../../../contract/json-schema.ts'
import { describe } from './describe.ts'
import { below, type Gap, type GapKind } from './gap.ts'
import { objectGaps } from './objects.ts'
import {
  isAnnotation,
  isAnything,
  isNothing,
  resolve,
  type Schema,
  type Side,
  sharedName,
} from './resolve.ts'
import { boundGaps } from './scalars.ts'
import { unionGaps } from './unions.ts'

/** What is compared, and how strictly. */
export interface Comparison {
  readonly from: Side
  readonly to: Side
  /** Fields that `to` does not have are ignored, as callers ignore fields they do not know. */
  readonly open: boolean
  /** Also what types alone say: brands, lists that may not be changed. */
  readonly types: boolean
  /** Also what a field left out means. */
  readonly defaults: boolean
  /** Compares a part; the files of this folder go through it instead of importing each other in a circle. */
  gaps(from: Schema, to: Schema, at: string): Gap[]
}

/**
 * Why not every value of `from` is a value of `to`; empty when every one is. What cannot be decided is a gap, so that
 * "no gap" can be trusted. Two references to the same shared name are not followed: shared schemas are compared once,
 * by themselves.
 */
export function schemaGaps(
  from: JsonSchema,
  to: JsonSchema,
  options: Partial<Pick<Comparison, 'open' | 'types' | 'defaults'>> & {
    readonly fromTypes?: Side['types']
    readonly toTypes?: Side['types']
  } = {},
): Gap[] {
  const under: [JsonSchema, JsonSchema][] = []
  const comparison: Comparison = {
    from: { root: from, types: options.fromTypes ?? {} },
    to: { root: to, types: options.toTypes ?? {} },
    open: options.open ?? false,
    types: options.types ?? false,
    defaults: options.defaults ?? false,
    gaps(one, other, at) {
      const shared = sharedName(one, comparison.from)
      if (shared !== undefined && shared === sharedName(other, comparison.to)) return []
      const [left, right] = [resolve(one, comparison.from), resolve(other, comparison.to)]
      // A schema inside itself: whatever is wrong with it was found outside.
      if (under.some(([a, b]) => a === left && b === right)) return []
      under.push([left, right])
      try {
        return partGaps(comparison, one, other, at)
      } finally {
        under.pop()
      }
    },
  }
  return comparison.gaps(from, to, '')
}

function partGaps(comparison: Comparison, one: Schema, other: Schema, at: string): Gap[] {
  const from = resolve(one, comparison.from)
  const to = resolve(other, comparison.to)
  const gap = (kind: GapKind): Gap[] => [{ kind, at, from: describe(one), to: describe(other) }]
  if (isNothing(from) || (isAnything(to) && !hasBrand(to))) return []
  return [
    ...typeOnlyGaps(comparison, from, to, at),
    ...(unionGaps(comparison, one, other, at) ?? valueGaps(comparison, from, to, at, gap)),
  ]
}

function valueGaps(
  comparison: Comparison,
  from: JsonSchema,
  to: JsonSchema,
  at: string,
  gap: (kind: GapKind) => Gap[],
): Gap[] {
  if (isNothing(to)) return gap('field')
  if (isAnything(from)) return isAnything(to) ? [] : gap('type')
  if (unknownRules(from) !== unknownRules(to)) return gap('rule')
  if (from.type === undefined || to.type === undefined) return sameRules(from, to) ? [] : gap('rule')
  if (from.type !== to.type && !(from.type === 'integer' && to.type === 'number'))
    return gap(from.type === 'null' ? 'null' : 'type')
  if (to.type === 'object') return objectGaps(comparison, from, to, at)
  if (to.type === 'array') return itemGaps(comparison, from, to, at, gap)
  return to.type === 'boolean' || to.type === 'null' ? [] : boundGaps(from, to, at)
}

function itemGaps(
  comparison: Comparison,
  from: JsonSchema,
  to: JsonSchema,
  at: string,
  gap: (kind: GapKind) => Gap[],
): Gap[] {
  const [own, other] = [from.prefixItems ?? [], to.prefixItems ?? []]
  if (own.length !== other.length) return gap('type')
  const places = own.flatMap((item, index) =>
    comparison.gaps(item, other[index] ?? true, below(at, `[${index}]`)),
  )
  if (Array.isArray(from.items) || Array.isArray(to.items)) return gap('rule')
  return [
    ...boundGaps(from, to, at),
    ...places,
    ...comparison.gaps(from.items ?? true, to.items ?? true, below(at, '[]')),
  ]
}

function typeOnlyGaps({ types }: Comparison, from: JsonSchema, to: JsonSchema, at: string): Gap[] {
  if (!types) return []
  const gaps: Gap[] = []
  const [own, other] = [from['x-brand'], to['x-brand']]
  if (other !== undefined && own !== other)
    gaps.push({ kind: 'brand', at, from: String(own ?? 'plain text'), to: String(other) })
  if (from.readOnly === true && to.readOnly !== true)
    gaps.push({ kind: 'readonly', at, from: 'a read-only list', to: 'a list' })
  return gaps
}

function hasBrand(schema: JsonSchema): boolean {
  return schema['x-brand'] !== undefined
}

const KNOWN = new Set(
  `type const enum anyOf oneOf not properties required additionalProperties propertyNames items prefixItems format pattern
  minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems uniqueItems
  minProperties maxProperties contentEncoding contentMediaType`.split(/\s+/),
)

/** Keywords that no rule here knows, to be the same or a gap. `allOf` beside text holds further patterns. */
function unknownRules(schema: JsonSchema): string {
  const isPatterns = schema.type === 'string' && (schema.allOf ?? []).every(isPatternOnly)
  return JSON.stringify(
    Object.entries(schema)
      .filter(([key]) => !KNOWN.has(key) && !isAnnotation(key) && !(key === 'allOf' && isPatterns))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

function isPatternOnly(schema: Schema): boolean {
  return (
    typeof schema === 'object' && Object.keys(schema).every((key) => key === 'pattern' || isAnnotation(key))
  )
}

/** For schemas without a type, which only equality can compare. */
function sameRules(from: JsonSchema, to: JsonSchema): boolean {
  return JSON.stringify(bare(from)) === JSON.stringify(bare(to))
}

function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !isAnnotation(key))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, bare(inner)]),
  )
}
