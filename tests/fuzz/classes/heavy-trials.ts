import type { InputTrial } from '../model.ts'
import { fieldsOf, withValue } from '../schema/fields.ts'
import { type Generator, pickSome } from '../target.ts'
import { isAllowed } from './field-trials.ts'

/** Objects whose own keys are those through which a careless copy reaches every object there is. */
const POLLUTION: readonly unknown[] = [
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"a":{"__proto__":{"polluted":1}}}',
  '[{"__proto__":{"polluted":1}}]',
  '{"__proto__":null,"toString":1}',
].map((text): unknown => JSON.parse(text))

/** Every input with keys beside and inside its fields that change prototypes when they are merged (T10). */
export const pollutionTrials: Generator = async (draw, name) => {
  const all = draw.entries.flatMap((entry) =>
    fieldsOf(entry.input).flatMap((place) =>
      POLLUTION.flatMap((value) => [
        { entry, place, path: place.path, value },
        { entry, place, path: [...place.path.slice(0, -1), '__proto__'], value },
      ]),
    ),
  )
  const trials: InputTrial[] = []
  for (const { entry, place, path, value } of pickSome(all, draw.quota, draw.random)) {
    const fixture = await draw.fixture(entry, true)
    const input = withValue(fixture.input, path, value)
    const named = path === place.path ? place : undefined
    const want = named !== undefined && !isAllowed(entry, input) ? 'refused' : 'either'
    trials.push({
      kind: 'input',
      class: name,
      entry,
      place: named,
      input,
      want,
      ...draw.caller(entry, fixture),
    })
  }
  return trials
}

const nested = (depth: number, wrap: (inner: string) => string) => {
  let text = '1'
  for (let level = 0; level < depth; level += 1) text = wrap(text)
  return text
}

/** Small to write and dear to handle: what a body of a quarter of a megabyte can be made of (T9). */
const HEAVY: readonly string[] = [
  nested(21, (inner) => `[${inner}]`),
  nested(1_200, (inner) => `[${inner}]`),
  nested(1_200, (inner) => `{"a":${inner}}`),
  nested(500, (inner) => `{"data":[${inner}]}`),
  `[${Array.from({ length: 30_000 }, () => '{}').join()}]`,
  `[${Array.from({ length: 60_000 }, () => 'null').join()}]`,
  `{${Array.from({ length: 20_000 }, (_, index) => `"k${index}":0`).join()}}`,
  `{"${'k'.repeat(100_000)}":1}`,
  `"${'\\u0000'.repeat(20_000)}"`,
  `"${'x'.repeat(200_000)}"`,
  `${'9'.repeat(50_000)}`,
  `"${'(a+)+'.repeat(20_000)}!"`,
  `"${' '.repeat(100_000)}x"`,
  `"${'a@'.repeat(50_000)}"`,
  `"${'-1'.repeat(50_000)}"`,
]

/** Whole inputs and single fields that cost more than they should (T9): answered at once, and shortly. */
export const heavyTrials: Generator = async (draw, name) => {
  const all = draw.entries.flatMap((entry) =>
    [[], ...fieldsOf(entry.input).map(({ path }) => path)].flatMap((path) =>
      HEAVY.map((json) => ({ entry, path, json })),
    ),
  )
  const trials: InputTrial[] = []
  for (const { entry, path, json } of pickSome(all, draw.quota, draw.random)) {
    const fixture = await draw.fixture(entry, true)
    const input = withValue(fixture.input, path, JSON.parse(json))
    trials.push({
      kind: 'input',
      class: name,
      entry,
      place: undefined,
      input,
      want: 'either',
      ...draw.caller(entry, fixture),
    })
  }
  return trials
}
