import type { JsonSchema } from '../../../contract/json-schema.ts'
import { describe, listed } from './describe.ts'
import type { Gap, GapKind } from './gap.ts'
import type { Comparison } from './gaps.ts'
import { membersOf, resolve, type Schema, type Side, sharedName } from './resolve.ts'
import { admits } from './scalars.ts'

/** The gaps where one side is a union or a list of values; undefined where neither is. */
export function unionGaps(comparison: Comparison, one: Schema, other: Schema, at: string): Gap[] | undefined {
  const own = membersOf(one, comparison.from)
  const others = membersOf(other, comparison.to)
  const wanted = constsIn(own, comparison.from) || constsIn(others, comparison.to)
  if (own.length === 1 && others.length === 1 && !wanted) return undefined
  const members = own.flatMap((member) => booleans(member, others, comparison))
  const gaps: Gap[] = []
  const missing: unknown[] = []
  for (const member of members) {
    const { const: value } = resolve(member, comparison.from)
    if (value === undefined) gaps.push(...memberGaps(comparison, member, others, at))
    else if (!others.some((each) => admits(resolve(each, comparison.to), value))) missing.push(value)
  }
  if (missing.length > 0) gaps.push(missingValues(missing, others, at, describe(other)))
  const target = resolve(other, comparison.to)
  if (gaps.length === 0 && target.oneOf !== undefined && !isExclusive(others, comparison.to)) {
    const isSame = JSON.stringify(target) === JSON.stringify(resolve(one, comparison.from))
    if (!isSame) return [{ kind: 'rule', at, from: describe(one), to: `exactly one of ${describe(other)}` }]
  }
  return gaps
}

function constsIn(members: readonly Schema[], side: Side): boolean {
  return members.some((member) => resolve(member, side).const !== undefined)
}

function missingValues(missing: readonly unknown[], others: readonly Schema[], at: string, to: string): Gap {
  const isNull = missing.length === 1 && missing[0] === null
  const onlyOne = others.length === 1 && typeof others[0] === 'object' && others[0].const === undefined
  return { kind: isNull ? 'null' : onlyOne ? 'type' : 'value', at, from: listed(missing), to }
}

/** `boolean` is `true` or `false` where the other side tells them apart. */
function booleans(member: Schema, others: readonly Schema[], { from, to }: Comparison): Schema[] {
  const { type, const: value } = resolve(member, from)
  if (value !== undefined) return [member]
  const apart = others.some((other) => typeof resolve(other, to).const === 'boolean')
  return type === 'boolean' && apart ? [{ const: true }, { const: false }] : [member]
}

/** A member of `from` has to fit into one member of `to`. */
function memberGaps(comparison: Comparison, member: Schema, others: readonly Schema[], at: string): Gap[] {
  const left = resolve(member, comparison.from)
  const to = [...new Set(others.map(describe))].join(' or ')
  const kindOf = (kind: GapKind): GapKind => (left.type === 'null' ? 'null' : kind)
  // Endless values do not fit into a list of them.
  if (others.every((other) => resolve(other, comparison.to).const !== undefined))
    return [{ kind: kindOf('type'), at, from: describe(member), to }]
  const [only] = others
  const strange = only !== undefined && areStrangers(left, resolve(only, comparison.to))
  if (others.length === 1 && only !== undefined && !strange) return comparison.gaps(member, only, at)
  const shared = sharedName(member, comparison.from)
  if (shared !== undefined && others.some((other) => sharedName(other, comparison.to) === shared)) return []
  const tries = others.map((other) => ({ other, gaps: comparison.gaps(member, other, at) }))
  if (tries.some(({ gaps }) => gaps.length === 0)) return []
  const partner = partnerOf(comparison, left, tries)
  if (partner !== undefined) return partner
  return [{ kind: kindOf('variant'), at, from: tagOf(left) ?? describe(member), to }]
}

interface Try {
  readonly other: Schema
  readonly gaps: Gap[]
}

/** The gaps against the member that is meant: the one with the same tag or, without tags, the only one of its type. */
function partnerOf(comparison: Comparison, member: JsonSchema, tries: readonly Try[]): Gap[] | undefined {
  const tag = tagOf(member)
  if (tag !== undefined) {
    const same = tries.filter(({ other }) => tagOf(resolve(other, comparison.to)) === tag)
    return same.length === 1
      ? same[0]?.gaps.map((gap) => ({ ...gap, at: `${gap.at} (${tag})`.trim() }))
      : undefined
  }
  const same = tries.filter(({ other }) => resolve(other, comparison.to).type === member.type)
  return same.length === 1 && member.type !== undefined ? same[0]?.gaps : undefined
}

/** Whether a constant tells two objects apart. */
function areStrangers(one: JsonSchema, other: JsonSchema): boolean {
  const [own, theirs] = [tagOf(one), tagOf(other)]
  return own !== undefined && theirs !== undefined && own !== theirs
}

/** `type: "created"` for a member that a constant tells apart. */
function tagOf({ properties = {}, required = [] }: JsonSchema): string | undefined {
  const tag = Object.entries(properties).find(
    ([name, field]) => required.includes(name) && typeof field === 'object' && field.const !== undefined,
  )
  return tag === undefined || typeof tag[1] !== 'object'
    ? undefined
    : `${tag[0]}: ${JSON.stringify(tag[1].const)}`
}

/** Whether no value can be of two members: another type each or, of objects, one field that always tells them apart. */
function isExclusive(members: readonly Schema[], side: Side): boolean {
  const resolved = members.map((member) => resolve(member, side))
  const objects = resolved.filter(({ type }) => type === 'object')
  const others = resolved.filter(({ type }) => type !== 'object')
  const marks = others.map((member) =>
    member.const === undefined
      ? String(member.type === 'integer' ? 'number' : member.type)
      : JSON.stringify(member.const),
  )
  const names = Object.keys(objects[0]?.properties ?? {})
  const isTagged = names.some((name) => areDistinct(objects.map((member) => constAt(member, name))))
  return areDistinct(marks) && (objects.length < 2 || isTagged)
}

function areDistinct(marks: readonly (string | undefined)[]): boolean {
  return !marks.includes(undefined) && new Set(marks).size === marks.length
}

function constAt({ properties, required }: JsonSchema, name: string): string | undefined {
  const field = properties?.[name]
  if (required?.includes(name) !== true || typeof field !== 'object' || field.const === undefined)
    return undefined
  return JSON.stringify(field.const)
}
