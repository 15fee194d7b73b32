import fc from 'fast-check'
import type { InputTrial } from '../model.ts'
import { withValue } from '../schema/fields.ts'
import { validInputs } from '../schema/valid-inputs.ts'
import { violation } from '../schema/validator.ts'
import { wrongValues } from '../schema/wrong-values.ts'
import { type Generator, pickSome } from '../target.ts'
import { isAllowed } from './field-trials.ts'

/** Inputs that the schema allows, at its boundaries and between them. */
export const validTrials: Generator = async (draw, name) => {
  const trials: InputTrial[] = []
  const each = Math.max(1, Math.ceil(draw.quota / Math.max(draw.entries.length, 1)))
  for (const [turn, entry] of draw.entries.entries()) {
    const example = await draw.fixture(entry, true)
    const inputs = fc.sample(validInputs(entry, example.input), { numRuns: each, seed: draw.seed + turn })
    for (const made of inputs) {
      const fixture = await draw.fixture(entry, true)
      // Ids and secrets of this one: those of the other may have been used up.
      const input = rebased(made, example.input, fixture.input)
      if (entry.input !== null && !isAllowed(entry, input)) continue
      const as = draw.caller(entry, fixture)
      const want = as.caller === 'allowed' ? 'valid' : 'either'
      trials.push({ kind: 'input', class: name, entry, place: undefined, input, want, ...as })
    }
  }
  return trials
}

/** Valid inputs with exactly one thing wrong, which must be named. */
export const wrongTrials: Generator = async (draw, name) => {
  const trials: InputTrial[] = []
  const all = draw.entries.flatMap((entry) => wrongValues(entry).map((wrong) => ({ entry, wrong })))
  const rounds = Math.max(1, Math.ceil(draw.quota / Math.max(all.length, 1)))
  const bases = new Map<string, unknown[]>()
  for (let round = 0; round < rounds; round += 1) {
    const quota = Math.min(all.length, draw.quota - round * all.length)
    for (const { entry, wrong } of pickSome(all, quota, draw.random)) {
      const fixture = await draw.fixture(entry, false)
      const key = `${round} ${entry.path}`
      const seed = draw.seed + round
      const made =
        bases.get(key) ?? fc.sample(validInputs(entry, fixture.input), { numRuns: 8, seed }).filter(isObject)
      bases.set(key, made)
      const base = made[trials.length % Math.max(made.length, 1)] ?? fixture.input
      const input = withValue(base, wrong.path, wrong.value)
      const { input: schema } = entry
      // Only if it is wrong indeed, and nothing else is. A key that nobody declared is, whatever the schema lets through.
      if (schema === null || violation(schema, base) !== undefined) continue
      if (wrong.kind !== 'any' && isAllowed(entry, input)) continue
      const as = draw.caller(entry, fixture)
      trials.push({ kind: 'input', class: name, entry, place: wrong, input, want: 'refused', ...as })
    }
  }
  return trials
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** `made` with the values that it took from one fixture replaced by those of another. */
function rebased(made: unknown, from: unknown, to: unknown): unknown {
  if (typeof made === 'string' && made === from && typeof to === 'string') return to
  if (made === from) return to
  if (typeof made !== 'object' || made === null || made instanceof File) return made
  if (Array.isArray(made)) return made.map((item, index) => rebased(item, at(from, index), at(to, index)))
  return Object.fromEntries(
    Object.entries(made).map(([key, value]) => [key, rebased(value, at(from, key), at(to, key))]),
  )
}

function at(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : NOTHING
}

const NOTHING = Symbol('nothing')
