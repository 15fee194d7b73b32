import type { RegistryEntry } from '../../../server/src/contract/registry.ts'
import type { InputTrial } from '../model.ts'
import { fieldsOf, type InputField, withValue } from '../schema/fields.ts'
import { violation } from '../schema/validator.ts'
import { type Generator, pickSome } from '../target.ts'
import { badValues, operators, poison, wrongTypes } from './bad-values.ts'
import { naughtyStrings } from './naughty-strings.ts'

type Place = Pick<InputField, 'path' | 'name' | 'kind'>

/** Whole inputs of another kind. */
const WHOLE: Place = { path: [], name: '', kind: 'any' }
const wholes: readonly unknown[] = [null, [], [[]], 'x', '', 0, true, { x: 1 }, [{ id: 'x' }]]

/** Every field with every value that `valuesOf` has for it, thinned to the quota. */
function fieldTrials(
  valuesOf: (place: InputField) => readonly unknown[],
  options: { readonly fresh?: true; readonly whole?: readonly unknown[] } = {},
): Generator {
  return async (draw, name) => {
    const all = draw.entries.flatMap((entry) => [
      ...fieldsOf(entry.input).flatMap((place) => valuesOf(place).map((value) => ({ entry, place, value }))),
      ...(options.whole ?? []).map((value) => ({ entry, place: WHOLE, value })),
    ])
    const trials: InputTrial[] = []
    for (const { entry, place, value } of pickSome(all, draw.quota, draw.random)) {
      const fixture = await draw.fixture(entry, options.fresh === true)
      const input = withValue(fixture.input, place.path, value)
      const want = isAllowed(entry, input) ? 'either' : 'refused'
      trials.push({ kind: 'input', class: name, entry, place, input, want, ...draw.caller(entry, fixture) })
    }
    return trials
  }
}

/** Whether the schema of a procedure lets an input through as it will travel. */
export function isAllowed(entry: RegistryEntry, input: unknown): boolean {
  const travelled: unknown = input === undefined ? undefined : JSON.parse(JSON.stringify(input))
  if (entry.input === null) return travelled === undefined
  // A file is no value of JSON, and its field cannot be judged by it.
  if ('file' in (entry.input.properties ?? {})) return true
  return violation(entry.input, travelled) === undefined
}

const emptyIds = ({ name, required }: InputField): readonly unknown[] => {
  const isId = /(?:^|\.)(?:id|\w+Id)$/.test(name)
  // What may be left out means something of its own: a list of what is the caller's alone.
  return isId ? badValues.emptyIds.filter((value) => required || value !== undefined) : []
}

/** Every field as another type, ids as nothing, and whole inputs of another kind. */
export const typeTrials = fieldTrials((place) => [...wrongTypes(place), ...emptyIds(place)], {
  whole: wholes,
})

/** Every value as an object that a query language would understand. */
export const operatorTrials = fieldTrials(({ kind }) => (kind === 'list' ? [] : operators))

/** Every value as one of its type that databases and drivers choke on. */
export const poisonTrials = fieldTrials(({ kind }) => poison(kind), { fresh: true })

/** Every text of every procedure as each naughty string. */
export const naughtyTrials = fieldTrials(
  ({ kind }) => (kind === 'text' || kind === 'formed' || kind === 'any' ? naughtyStrings() : []),
  { fresh: true },
)
