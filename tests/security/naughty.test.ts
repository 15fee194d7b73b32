import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { naughtyStrings } from '../fuzz/classes/naughty-strings.ts'
import { databaseKind } from '../support/database.ts'
import { expectOk } from '../support/expect-clean.ts'
import { type Answer, field, mutate, query } from '../support/http.ts'
import { liftLimits } from '../support/lift-limits.ts'
import { newAddress, newEmail, tryLogIn } from '../support/people.ts'
import { createWorld, type World } from '../support/world.ts'

/** Every so many-th is searched for, and tried as a password. */
const STRIDE = databaseKind() === 'embedded' ? 3 : 6

const strings = naughtyStrings()
let world: World

beforeAll(async () => {
  world = await createWorld()
  liftLimits(world.server)
}, 60_000)
afterAll(() => world[Symbol.asyncDispose]())

describe('the big list of naughty strings', () => {
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

  test('those that may be passwords are: they open the account, and their neighbours do not', async () => {
    const candidates = strings.filter((text) => [...text.normalize('NFC')].length >= 12 && text.length <= 120)
    let opened = 0
    for (const password of candidates.filter((_, index) => index % (2 * STRIDE) === 0)) {
      const email = newEmail()
      const input = { email, password, fullName: 'Somebody New' }
      const made = await mutate(world.server.baseUrl, 'auth.register', input, { headers: newAddress() })
      expect(made.status, made.text.slice(0, 300)).toBeLessThan(500)
      if (made.status !== 200) continue
      opened += 1
      expectOk(await tryLogIn(world.server, email, password), { tokens: true })
      expect((await tryLogIn(world.server, email, `${password.slice(0, -1)}~`)).status).toBe(401)
    }
    expect(opened).toBeGreaterThan(10)
  }, 60_000)
})

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
