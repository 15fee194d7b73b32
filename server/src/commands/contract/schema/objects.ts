import type { JsonSchema } from '../../../contract/json-schema.ts'
import { describe } from './describe.ts'
import { below, type Gap, type GapKind } from './gap.ts'
import type { Comparison } from './gaps.ts'
import { resolve, type Schema } from './resolve.ts'
import { boundGaps } from './scalars.ts'

/** Fields of objects and values of records. */
export function objectGaps(comparison: Comparison, from: JsonSchema, to: JsonSchema, at: string): Gap[] {
  return [
    ...boundGaps(from, to, at),
    ...requiredGaps(from, to, at),
    ...fieldGaps(comparison, from, to, at),
    ...restGaps(comparison, from, to, at),
  ]
}

function requiredGaps(from: JsonSchema, to: JsonSchema, at: string): Gap[] {
  const always = new Set(from.required)
  return (to.required ?? [])
    .filter((name) => !always.has(name))
    .map((name) => {
      const there = from.properties?.[name]
      const shown = there === undefined ? 'no such field' : `optional ${describe(there)}`
      return {
        kind: 'required',
        at: below(at, name),
        from: shown,
        to: describe(to.properties?.[name] ?? true),
      }
    })
}

function fieldGaps(comparison: Comparison, from: JsonSchema, to: JsonSchema, at: string): Gap[] {
  const always = new Set(from.required)
  return Object.entries(from.properties ?? {}).flatMap(([name, field]) => {
    const place = below(at, name)
    const counterpart = to.properties?.[name] ?? restOf(to)
    if (counterpart === false) {
      const gone: Gap = { kind: 'field', at: place, from: describe(field), to: 'no such field' }
      return comparison.open ? [] : [gone]
    }
    const gaps = comparison.gaps(field, counterpart, place)
    const left = comparison.defaults && !always.has(name) && to.properties?.[name] !== undefined
    return left ? [...gaps, ...defaultGaps(comparison, field, counterpart, place)] : gaps
  })
}

/** A field left out by callers who rely on what that means. */
function defaultGaps(comparison: Comparison, field: Schema, counterpart: Schema, at: string): Gap[] {
  const own = defaultOf(field, resolve(field, comparison.from))
  const other = defaultOf(counterpart, resolve(counterpart, comparison.to))
  return own === other ? [] : [{ kind: 'default', at, from: own, to: other }]
}

function defaultOf(field: Schema, resolved: JsonSchema): string {
  const value: unknown = (typeof field === 'object' ? field.default : undefined) ?? resolved.default
  return value === undefined ? 'nothing' : JSON.stringify(value)
}

/** Fields without a name, and the names they may have. */
function restGaps(comparison: Comparison, from: JsonSchema, to: JsonSchema, at: string): Gap[] {
  const [own, other] = [restOf(from), restOf(to)]
  if (own === false) return []
  const isRecord = from.additionalProperties !== undefined && from.additionalProperties !== true
  if (other === false) {
    const kind: GapKind = isRecord ? 'field' : 'extra'
    const gone: Gap = { kind, at: below(at, '{}'), from: describe(own), to: 'no other fields' }
    return comparison.open ? [] : [gone]
  }
  const names =
    to.propertyNames === undefined
      ? []
      : comparison.gaps(from.propertyNames ?? { type: 'string' }, to.propertyNames, below(at, '{name}'))
  // What is taken and thrown away was never part of what was agreed on.
  const isPromise = isRecord || typeof own === 'object'
  return isPromise ? [...names, ...comparison.gaps(own, other, below(at, '{}'))] : names
}

function restOf({ additionalProperties }: JsonSchema): Schema {
  return Array.isArray(additionalProperties) ? true : (additionalProperties ?? true)
}
