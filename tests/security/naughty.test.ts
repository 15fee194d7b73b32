import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RegistryEntry, registryOf } from '../../server/src/contract/registry.ts'
import { callMany } from '../support/call-many.ts'
import { databaseKind } from '../support/database.ts'
import { examples } from '../support/examples/index.ts'
import { expectOk } from '../support/expect-clean.ts'
import { type Answer, field, mutate, query } from '../support/http.ts'
import { fieldsOf, type InputField, valueAt, withValue } from '../support/input-fields.ts'
import { judge, newFigures, printFigures } from '../support/judge.ts'
import { liftLimits } from '../support/lift-limits.ts'
import { naughtyStrings } from '../support/naughty.ts'
import { newAddress, newEmail, tryLogIn } from '../support/people.ts'
import { weakestAllowed } from '../support/principals.ts'
import { createWorld, type World } from '../support/world.ts'

/** Of strings that would be stored, every so many-th goes through each procedure; all of them through createMany. */
const STRIDE = databaseKind() === 'embedded' ? 3 : 6
/** A field with a form refuses nearly all of them for one reason. */
const FORMED_STRIDE = 16

const strings = naughtyStrings()
const figures = newFigures()
let world: World
let registry: RegistryEntry[]

beforeAll(async () => {
  world = await createWorld()
  liftLimits(world.server)
  registry = registryOf(world.server.app.router)
}, 60_000)
afterAll(async () => {
  printFigures(`naughty strings (${strings.length})`, figures)
  await world[Symbol.asyncDispose]()
})

describe('every string field meets the big list of naughty strings', () => {
  test('all of them as titles and descriptions of tasks come back as they were sent, by list, get and search', async () => {
    const { server, principals } = world
    const { projectId } = await world.project()
    const as = { token: principals.editor.token }
    const storable = strings.filter(
      (text) => text.trim() !== '' && text.length <= 300 && !text.includes('\0'),
    )
    expect(storable.length).toBeGreaterThan(strings.length * 0.9)
    for (const naughty of ['title', 'description']) {
      const tasks = storable.map((text) => ({ title: 'T', [naughty]: text }))
      const made = await mutate(server.baseUrl, 'tasks.createMany', { projectId, tasks }, as)
      expect(texts(expectStored(made), naughty)).toEqual(storable)
      figures.stored += storable.length
    }
    const listed = { title: new Set<string>(), description: new Set<string>() }
    for (let cursor: unknown, more = true; more; ) {
      const page = await query(server.baseUrl, 'tasks.list', { projectId, limit: 100, cursor }, as)
      for (const task of array(field(expectStored(page), 'data'))) {
        listed.title.add(String(field(task, 'title')))
        listed.description.add(String(field(task, 'description')))
      }
      cursor = field(field(page.data, 'pagination'), 'nextCursor')
      more = typeof cursor === 'string'
    }
    for (const seen of [listed.title, listed.description]) {
      expect(storable.filter((text) => !seen.has(text))).toEqual([])
    }
    for (const text of storable.filter((item, index) => index % STRIDE === 0 && item.length <= 200)) {
      const found = await query(server.baseUrl, 'tasks.list', { projectId, search: text, limit: 100 }, as)
      expect(found.status, JSON.stringify(text)).toBe(200)
      const wanted = text.toLowerCase()
      const hits = array(field(found.data, 'data')).map((task) => [
        field(task, 'title'),
        field(task, 'description'),
      ])
      expect(hits.length, `searching ${JSON.stringify(text)}`).toBeGreaterThan(0)
      if (/^[\x20-\x7e]*$/.test(wanted)) {
        for (const hit of hits) expect(hit.join('\n').toLowerCase()).toContain(wanted)
      }
    }
  }, 60_000)

  test('each field of each procedure stores and gives them back, or refuses them by its name', async () => {
    let looked = 0
    for (const entry of registry) {
      for (const place of fieldsOf(entry.input).filter(({ kind }) => kind === 'text' || kind === 'formed')) {
        await tryField(entry, place, looked)
        looked += 1
      }
    }
    expect(looked).toBeGreaterThan(80)
    expect(figures.inputs).toBeGreaterThan(5_000)
    expect({ ...figures, inputs: 0, stored: 0, refused: 0 }).toEqual(newFigures())
  }, 120_000)

  test('those that may be passwords are: they open the account, and their neighbours do not', async () => {
    const candidates = strings.filter((text) => [...text.normalize('NFC')].length >= 12 && text.length <= 120)
    let opened = 0
    for (const password of candidates.filter((_, index) => index % (2 * STRIDE) === 0)) {
      const email = newEmail()
      const input = { email, password, fullName: 'Somebody New' }
      const made = await mutate(world.server.baseUrl, 'auth.register', input, { headers: newAddress() })
      judge(figures, { answer: made, sent: password, name: 'password', tokens: true })
      if (made.status !== 200) continue
      opened += 1
      expectOk(await tryLogIn(world.server, email, password), { tokens: true })
      expect((await tryLogIn(world.server, email, `${password.slice(0, -1)}~`)).status).toBe(401)
    }
    expect(opened).toBeGreaterThan(10)
  }, 60_000)
})

async function tryField(entry: RegistryEntry, place: InputField, turn: number): Promise<void> {
  const name = weakestAllowed(entry.policy)
  // A user has fifty keys at most.
  await world.server.database.prisma.apiKey.deleteMany({ where: { userId: world.principals.stranger.id } })
  const example = await examples[entry.path]?.(world, name)
  const token = example?.as ?? world.principals[name].token
  const stride = entry.kind === 'mutation' ? STRIDE : place.kind === 'formed' ? FORMED_STRIDE : 1
  if (entry.kind === 'subscription') return
  const sent = strings.filter((_, index) => index % stride === turn % stride)
  const inputs = sent.map((text) => withValue(example?.input, place.path, text))
  const answers = await callMany(world.server.baseUrl, entry, inputs, token)
  for (const [index, answer] of answers.entries()) {
    const text = sent[index] ?? ''
    judge(figures, { answer, sent: text, name: place.name, tokens: entry.path.startsWith('auth.') })
    const back = valueAt(answer.data, place.path[0] === 'data' ? place.path.slice(1) : place.path)
    if (
      answer.status === 200 &&
      typeof back === 'string' &&
      place.kind === 'text' &&
      !/email/i.test(place.name)
    ) {
      if (back !== text) figures.changed += 1
      else figures.stored += 1
    }
  }
}

function expectStored(answer: Answer): unknown {
  expect(answer.status, answer.text.slice(0, 500)).toBe(200)
  return answer.data
}

function texts(data: unknown, name: string): unknown[] {
  return array(field(data, 'data')).map((task) => field(task, name))
}

function array(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
