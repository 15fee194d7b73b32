import type { JsonSchema } from '../../../contract/json-schema.ts'
import type { Gap } from './gap.ts'

/** Keywords where less is stricter, and those where more is. */
const UPPER = ['maxLength', 'maximum', 'exclusiveMaximum', 'maxItems', 'maxProperties'] as const
const LOWER = ['minLength', 'minimum', 'exclusiveMinimum', 'minItems', 'minProperties'] as const
const SAME = ['multipleOf', 'uniqueItems', 'contentEncoding', 'contentMediaType'] as const

const WORDS: Readonly<Record<string, string>> = {
  maxLength: 'at most %s characters',
  minLength: 'at least %s characters',
  maximum: 'at most %s',
  minimum: 'at least %s',
  exclusiveMaximum: 'less than %s',
  exclusiveMinimum: 'more than %s',
  maxItems: 'at most %s items',
  minItems: 'at least %s items',
  maxProperties: 'at most %s fields',
  minProperties: 'at least %s fields',
  multipleOf: 'a multiple of %s',
  pattern: 'of the form %s',
  format: 'a %s',
}

/** Bounds, patterns and formats that `from` keeps less strictly than `to` asks. */
export function boundGaps(from: JsonSchema, to: JsonSchema, at: string): Gap[] {
  const gaps: Gap[] = []
  const gap = (keyword: string, kind: Gap['kind'] = 'bound'): void => {
    gaps.push({ kind, at, from: inWords(keyword, from), to: inWords(keyword, to) })
  }
  for (const keyword of UPPER) if (exceeds(upperOf(from, keyword), numberOf(to, keyword))) gap(keyword)
  for (const keyword of LOWER)
    if (exceeds(negated(lowerOf(from, keyword)), negated(numberOf(to, keyword)))) gap(keyword)
  for (const keyword of SAME)
    if (isSet(to[keyword]) && to[keyword] !== from[keyword] && !isMultiple(keyword, from, to)) gap(keyword)
  const kept = patternsOf(from)
  const isFormGap = to.format !== undefined && to.format !== from.format
  if (isFormGap) gap('format', 'format')
  // A format that zod prints has a pattern of its own, which says the same.
  else if (patternsOf(to).some((pattern) => !kept.includes(pattern))) gap('pattern')
  return gaps
}

function upperOf(from: JsonSchema, keyword: (typeof UPPER)[number]): number | undefined {
  const inclusive = numberOf(from, 'maximum')
  const exclusive = numberOf(from, 'exclusiveMaximum')
  if (keyword === 'maximum') return inclusive ?? exclusive
  if (keyword !== 'exclusiveMaximum') return numberOf(from, keyword)
  return exclusive ?? (inclusive === undefined ? undefined : next(inclusive))
}

function lowerOf(from: JsonSchema, keyword: (typeof LOWER)[number]): number | undefined {
  const inclusive = numberOf(from, 'minimum')
  const exclusive = numberOf(from, 'exclusiveMinimum')
  if (keyword === 'minimum') return inclusive ?? exclusive
  if (keyword !== 'exclusiveMinimum') return numberOf(from, keyword)
  return exclusive ?? (inclusive === undefined ? undefined : -next(-inclusive))
}

/** Older drafts had `exclusiveMaximum: true`; ours has numbers. */
function numberOf(schema: JsonSchema, keyword: (typeof UPPER | typeof LOWER)[number]): number | undefined {
  const value = schema[keyword]
  return typeof value === 'number' ? value : undefined
}

/** The least number that is more: a maximum is below an exclusive one only if that is more. */
function next(value: number): number {
  return value + Number.EPSILON * Math.max(1, Math.abs(value))
}

function negated(value: number | undefined): number | undefined {
  return value === undefined ? undefined : -value
}

function exceeds(value: number | undefined, limit: number | undefined): boolean {
  return limit !== undefined && (value === undefined || value > limit)
}

/** `uniqueItems: false` is the same as leaving it out. */
function isSet(value: unknown): boolean {
  return value !== undefined && value !== false
}

function isMultiple(keyword: string, from: JsonSchema, to: JsonSchema): boolean {
  if (keyword !== 'multipleOf' || to.multipleOf === undefined) return false
  if (to.multipleOf === 1 && from.type === 'integer') return true
  return from.multipleOf !== undefined && from.multipleOf % to.multipleOf === 0
}

/** A second pattern comes as `allOf`. */
function patternsOf(schema: JsonSchema): string[] {
  const own = schema.pattern === undefined ? [] : [schema.pattern]
  const more = (schema.allOf ?? []).flatMap((part) => (typeof part === 'boolean' ? [] : patternsOf(part)))
  return [...own, ...more]
}

function inWords(keyword: string, schema: JsonSchema): string {
  const value: unknown =
    keyword === 'pattern' ? patternsOf(schema).join(' and ') || undefined : Reflect.get(schema, keyword)
  if (value === undefined || value === false)
    return keyword === 'format' ? 'any text' : 'without such a bound'
  return (WORDS[keyword] ?? `${keyword} %s`).replace('%s', () => String(value))
}

/** Whether a single value is one of a schema's; false also where that cannot be told. */
export function admits(schema: JsonSchema, value: unknown): boolean {
  if (schema.const !== undefined) return JSON.stringify(schema.const) === JSON.stringify(value)
  if (schema.enum !== undefined)
    return schema.enum.some((one) => JSON.stringify(one) === JSON.stringify(value))
  if (schema.anyOf !== undefined || schema.oneOf !== undefined || schema.not !== undefined) return false
  const one: JsonSchema =
    typeof value === 'string'
      ? { type: 'string', minLength: [...value].length, maxLength: [...value].length }
      : typeof value === 'number'
        ? { type: Number.isInteger(value) ? 'integer' : 'number', minimum: value, maximum: value }
        : { type: value === null ? 'null' : typeof value === 'boolean' ? 'boolean' : 'object' }
  if (one.type === 'object') return false
  if (schema.type === undefined) return Object.keys(schema).length === 0
  if (schema.type !== one.type && !(schema.type === 'number' && one.type === 'integer')) return false
  if (typeof value !== 'string') return boundGaps(one, schema, '').length === 0
  const { pattern: _pattern, allOf: _allOf, ...bounds } = schema
  return (
    boundGaps(one, bounds, '').length === 0 &&
    patternsOf(schema).every((pattern) => new RegExp(pattern, 'u').test(value))
  )
}
