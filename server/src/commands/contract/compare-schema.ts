import type { JsonSchema } from '../../contract/json-schema.ts'
import type { Caller, Contract, Direction } from './contract.ts'
import type { Difference, Section } from './difference.ts'
import type { Gap, GapKind } from './schema/gap.ts'
import { schemaGaps } from './schema/gaps.ts'
import { removedFields } from './schema/removed-fields.ts'

/** A schema before and now. */
export interface SchemaPair {
  readonly was: JsonSchema
  readonly is: JsonSchema
  readonly direction: Direction
  /** Where it is, for the reader. */
  readonly where: string
  readonly prefix: string
  readonly callers: readonly Caller[]
}

/**
 * The differences of a schema. An input breaks when something that was taken is not taken any more; an output when
 * something can come that could not come before, or a field is gone. The bounds of an answer (lengths, ranges, patterns)
 * are no promise: the same schema often bounds an input, and could never be widened otherwise.
 */
export function compareSchema(pair: SchemaPair, was: Contract['types'], is: Contract['types']): Difference[] {
  const { direction } = pair
  const fromWas = { fromTypes: was[direction], toTypes: is[direction] }
  const fromIs = { fromTypes: is[direction], toTypes: was[direction] }
  const found =
    direction === 'input'
      ? {
          breaking: schemaGaps(pair.was, pair.is, { ...fromWas, defaults: true }),
          additive: schemaGaps(pair.is, pair.was, fromIs),
        }
      : {
          breaking: schemaGaps(pair.is, pair.was, { ...fromIs, open: true, types: true }),
          additive: [
            ...schemaGaps(pair.is, pair.was, fromIs).filter(({ kind }) => kind === 'field'),
            ...schemaGaps(pair.was, pair.is, { ...fromWas, open: true }),
          ],
        }
  const gone = removedFields(pair.was, pair.is, fromWas).map(
    (at): Gap => ({ kind: 'field', at, from: '', to: '' }),
  )
  const isPromise = ({ kind }: Gap): boolean => direction === 'input' || kind !== 'bound'
  const breaking = withoutRepeats([...gone, ...found.breaking.filter(isPromise)])
  const places = new Set(breaking.map(({ at }) => at))
  const loosened = found.breaking.filter((gap) => !isPromise(gap))
  const additive = withoutRepeats([...loosened, ...found.additive].filter(({ at }) => !places.has(at)))
  return [
    ...breaking.map((gap) => difference(pair, gap, 'breaking', gone.includes(gap))),
    ...additive.map((gap) => difference(pair, gap, 'additive', false, loosened.includes(gap))),
  ]
}

function withoutRepeats(gaps: readonly Gap[]): Gap[] {
  return [...new Map(gaps.toReversed().map((gap) => [`${gap.at} ${gap.kind}`, gap])).values()]
    .toReversed()
    .filter(
      (gap, _index, all) =>
        gap.kind !== 'required' || !all.some((o) => o.kind === 'field' && o.at === gap.at),
    )
}

/** Answers that say more than before break programs that list every case; people and models just read on. */
const READ_BY_PROGRAMS: ReadonlySet<GapKind> = new Set(['value', 'variant'])
const IN_TYPES_ONLY: ReadonlySet<GapKind> = new Set(['brand', 'readonly'])

function difference(
  pair: SchemaPair,
  gap: Gap,
  verdict: Difference['verdict'],
  isGone: boolean,
  isLoosened = false,
): Difference {
  const { direction, where, prefix, callers } = pair
  const isRemoval = isGone || (verdict === 'breaking' && direction === 'input' && gap.kind === 'field')
  const what = isRemoval ? 'is gone' : sentence(direction, verdict, gap, isLoosened)
  const section: Section = isRemoval ? 'Removed' : isNew(direction, verdict, gap) ? 'Added' : 'Changed'
  const at = gap.at === '' ? prefix : `${prefix}.${gap.at}`
  if (verdict === 'additive') return { verdict, section, where, at, what, callers }
  const broken = callers.filter((caller) => {
    if (direction === 'input') return true
    if (IN_TYPES_ONLY.has(gap.kind)) return caller === 'SDK'
    return !READ_BY_PROGRAMS.has(gap.kind) || caller === 'SDK' || caller === 'REST'
  })
  return {
    verdict,
    section,
    where,
    at,
    what,
    callers: broken,
    instead: insteadOf(direction, gap.kind, isRemoval),
  }
}

function isNew(direction: Direction, verdict: Difference['verdict'], { kind, from }: Gap): boolean {
  if (kind === 'required') return direction === 'input' && verdict === 'breaking' && from === 'no such field'
  return kind === 'field' && verdict === 'additive'
}

function sentence(
  direction: Direction,
  verdict: Difference['verdict'],
  gap: Gap,
  isLoosened: boolean,
): string {
  const { kind, from, to } = gap
  if (direction === 'input') return verdict === 'breaking' ? REFUSED[kind](from, to) : TAKEN[kind](from, to)
  if (verdict === 'breaking' || isLoosened) return COMES[kind](from, to)
  return kind === 'field' ? `is new: ${from}` : NARROWER[kind](from, to)
}

type Words = Readonly<Record<GapKind, (from: string, to: string) => string>>

const changed = (was: string, is: string): string => `is ${is} now, was ${was}`

/** An input that takes less: from what was to what is. */
const REFUSED: Words = {
  type: changed,
  null: () => 'cannot be null any more',
  value: (from) => `cannot be ${from} any more`,
  variant: (from) => `cannot be the one with ${from} any more`,
  required: (from) => (from === 'no such field' ? 'is new, and must be sent' : 'must be sent now'),
  field: () => 'is gone',
  extra: () => 'refuses fields it does not name',
  bound: changed,
  format: changed,
  brand: changed,
  default: (was, is) => `left out means ${is} now, meant ${was}`,
  readonly: changed,
  rule: changed,
}

const reversed = (is: string, was: string): string => changed(was, is)

/** An input that takes more: from what is to what was. */
const TAKEN: Words = {
  type: reversed,
  null: () => 'can be null',
  value: (from) => `can be ${from} too`,
  variant: (from) => `can be the one with ${from} too`,
  required: () => 'can be left out',
  field: (from) => `is new: ${from}`,
  extra: () => 'passes over fields it does not name',
  bound: reversed,
  format: reversed,
  brand: reversed,
  default: reversed,
  readonly: reversed,
  rule: reversed,
}

/** An output where more can come: from what is to what was. */
const COMES: Words = {
  ...TAKEN,
  null: () => 'can be null now',
  required: () => 'can be missing now',
  extra: () => 'can have fields without a name',
}

/** An output where less can come: from what was to what is. */
const NARROWER: Words = {
  ...REFUSED,
  null: () => 'is never null any more',
  value: (from) => `is never ${from} any more`,
  variant: (from) => `is never the one with ${from} any more`,
  required: () => 'is always there now',
  field: () => 'is gone',
  extra: () => 'has no fields without a name any more',
}

function insteadOf(direction: Direction, kind: GapKind, isRemoval: boolean): string {
  if (direction === 'input') {
    if (isRemoval) return 'go on taking it, without effect if need be, and deprecate it in its description'
    if (kind === 'required') return 'give it a default, or make it optional'
    if (kind === 'default') return 'keep the default, and add a field or a procedure for the other meaning'
    return 'go on taking what was taken; refuse it in a new procedure, and deprecate this one'
  }
  if (isRemoval) return 'go on sending it, and deprecate it in its description'
  if (kind === 'value' || kind === 'variant')
    return 'send it in a new field or a new procedure: programs that list every case do not know it'
  return 'leave this field as it was, and say the new thing in a new one'
}
