import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RegistryEntry, registryOf } from '../../server/src/contract/registry.ts'
import { badValues, operators, poison, wrongTypes } from '../support/bad-values.ts'
import { callMany } from '../support/call-many.ts'
import { examples } from '../support/examples/index.ts'
import type { Answer } from '../support/http.ts'
import { fieldsOf, type InputField, valueAt, withValue } from '../support/input-fields.ts'
import { judge, newFigures, printFigures } from '../support/judge.ts'
import { liftLimits } from '../support/lift-limits.ts'
import { snapshot } from '../support/no-effect.ts'
import { weakestAllowed } from '../support/principals.ts'
import { createWorld, type World } from '../support/world.ts'

const figures = { ...newFigures(), effects: 0 }
let world: World
let registry: RegistryEntry[]

beforeAll(async () => {
  world = await createWorld()
  liftLimits(world.server)
  registry = registryOf(world.server.app.router).filter(
    ({ kind, input }) => kind !== 'subscription' && input !== null,
  )
}, 60_000)
afterAll(async () => {
  printFigures(`bad inputs (${registry.length} procedures)`, figures)
  await world[Symbol.asyncDispose]()
})

describe('every field of every procedure, with one thing wrong', () => {
  test('D1 an object where a value belongs is refused by name, and changes nothing', async () => {
    await tryAll((place) => (place.kind === 'list' ? [] : operators), 'refused')
  }, 120_000)

  test('another type is refused by name, and changes nothing', async () => {
    await tryAll(wrongTypes, 'refused')
  }, 120_000)

  test('D3 values that break databases are refused, or come back as they were sent', async () => {
    await tryAll((place) => poison(place.kind), 'either')
  }, 120_000)

  test('D2 a missing, null or empty id never means all of them', async () => {
    // What may be left out means something of its own: a list of what is the caller's alone.
    const empty = ({ required }: InputField) =>
      badValues.emptyIds.filter((value) => required || value !== undefined)
    await tryAll((place) => (isId(place) ? empty(place) : []), 'refused')
  }, 60_000)

  test('nothing bad came of any of it', () => {
    const { inputs, stored, refused, ...bad } = figures
    expect(inputs).toBeGreaterThan(3_000)
    expect(refused).toBeGreaterThan(2_000)
    expect(stored).toBeGreaterThan(30)
    expect(Object.entries(bad).filter(([, count]) => count > 0)).toEqual([])
  })
})

const isId = ({ name }: InputField) => /(?:^|\.)(?:id|\w+Id)$/.test(name) && !/assigneeId$/.test(name)

async function tryAll(
  values: (place: InputField) => readonly unknown[],
  want: 'refused' | 'either',
): Promise<void> {
  for (const entry of registry) {
    const name = weakestAllowed(entry.policy)
    const example = await examples[entry.path]?.(world, name)
    const token = example?.as ?? world.principals[name].token
    const tries = fieldsOf(entry.input).flatMap((place) => values(place).map((value) => ({ place, value })))
    const inputs = tries.map(({ place, value }) => withValue(example?.input, place.path, value))
    const before = await snapshot(world.server.database)
    const answers = await callMany(world.server.baseUrl, entry, inputs, token)
    for (const [index, answer] of answers.entries()) {
      const tried = tries[index]
      if (tried !== undefined) look(entry, tried.place, tried.value, answer, want)
    }
    if (want === 'either') continue
    const after = await snapshot(world.server.database)
    if (JSON.stringify(after) === JSON.stringify(before)) continue
    figures.effects += 1
    expect(after, `${entry.path}: refused calls change nothing`).toEqual(before)
  }
}

function look(entry: RegistryEntry, place: InputField, value: unknown, answer: Answer, want: string): void {
  const sent = typeof value === 'string' ? value : ''
  judge(figures, { answer, sent, name: place.name, tokens: entry.path.startsWith('auth.') })
  const told = `${entry.path} ${place.name} = ${JSON.stringify(value)?.slice(0, 200)}: ${answer.text.slice(0, 400)}`
  if (want === 'refused' && answer.status === 200) {
    figures.wronglyAccepted += 1
    process.stderr.write(`wrongly accepted: ${told}\n`)
  }
  if (answer.status !== 200) return
  const back = valueAt(answer.data, place.path[0] === 'data' ? place.path.slice(1) : place.path)
  // Dates come back in UTC and addresses in their one form; a number or a text must be the very same.
  const comparable = (typeof back === 'number' || place.kind === 'text') && !/email/i.test(place.name)
  if (back === undefined || !comparable) return
  if (Object.is(back, value) || (back === 0 && value === 0)) {
    figures.stored += 1
    return
  }
  figures.changed += 1
  process.stderr.write(`changed: ${told}\n`)
}
