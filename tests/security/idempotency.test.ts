import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectOk, expectRefused } from '../support/expect-clean.ts'
import { type Answer, field, mutate } from '../support/http.ts'
import { DAY, movingClock } from '../support/moving-clock.ts'
import { expectNoEffect } from '../support/no-effect.ts'
import {
  addPerson,
  type LogIn,
  newAddress,
  newEmail,
  PASSWORD,
  type Person,
  textOf,
} from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'

const clock = movingClock()
let server: TestServer
let user: Person & LogIn
let projectId: string

beforeAll(async () => {
  server = await startServer({ variables: { TRUSTED_PROXIES: '127.0.0.1' }, overrides: { clock } })
  user = await addPerson(server)
  const made = await mutate(server.baseUrl, 'projects.create', { name: 'P', slug: 'idempotency' }, user)
  projectId = textOf(expectOk(made), 'id')
})
afterAll(() => server[Symbol.asyncDispose]())

const call = (
  path: string,
  input: unknown,
  key: string,
  token: string | undefined = user.token,
): Promise<Answer> =>
  mutate(server.baseUrl, path, input, { token, headers: { 'idempotency-key': key, ...newAddress() } })
const create = (key: string, title = 'Once') => call('tasks.create', { projectId, title }, key)
const count = (title: string) => server.database.prisma.task.count({ where: { projectId, title } })
const replayed = (answer: Answer) => answer.headers.get('idempotency-replayed')

describe('I1 an idempotency key answers the same again', () => {
  test('same status and body, one row, and says so', async () => {
    const key = randomUUID()
    const [first, second] = [await create(key, 'Same'), await create(key, 'Same')]
    expect(expectOk(second).text).toBe(expectOk(first).text)
    expect([replayed(first), replayed(second)]).toEqual([null, 'true'])
    expect(await count('Same')).toBe(1)
  })

  test('the order of fields does not matter, their values do: other input is 422', async () => {
    const key = randomUUID()
    expectOk(await call('tasks.create', { projectId, title: 'Order', priority: 1 }, key))
    const turned = await call('tasks.create', { priority: 1, title: 'Order', projectId }, key)
    expect(replayed(expectOk(turned))).toBe('true')
    const other = await expectNoEffect(server.database, () =>
      call('tasks.create', { projectId, title: 'Order', priority: 2 }, key),
    )
    expect(expectRefused(other, 422).error?.reason).toBe('IDEMPOTENCY_MISMATCH')
  })

  test('keys belong to one user and one procedure', async () => {
    const key = randomUUID()
    const mine = await call('projects.create', { name: 'Mine', slug: `mine-${key}` }, key)
    const other = await addPerson(server)
    const theirs = await call('projects.create', { name: 'Mine', slug: `mine-${key}` }, key, other.token)
    expectOk(mine)
    expect(expectRefused(theirs, 409).error?.reason).toBe('SLUG_TAKEN')
    expectOk(await create(key, 'Another procedure'))
    const foreign = await call('tasks.create', { projectId, title: 'Another procedure' }, key, other.token)
    expectRefused(foreign, 404)
  })

  test.each(['', 'x'.repeat(256), 'with space', 'umläut', '\u0001'])('the key %j is refused', async (key) => {
    const headers = { authorization: `Bearer ${user.token}`, 'content-type': 'application/json' }
    let status = 400
    try {
      const response = await fetch(`${server.baseUrl}/trpc/tasks.create`, {
        method: 'POST',
        headers: { ...headers, 'idempotency-key': key },
        body: JSON.stringify({ projectId, title: 'Bad key' }),
      })
      status = response.status
    } catch {
      // `fetch` itself refuses what no header may hold.
    }
    expect(status).toBe(400)
    expect(await count('Bad key')).toBe(0)
  })

  test('refusals are not kept: the same key may be used when the input is right', async () => {
    const key = randomUUID()
    expectRefused(await call('tasks.create', { projectId, title: '' }, key), 400)
    expectRefused(await call('tasks.create', { projectId: randomUUID(), title: 'Right' }, key), 404)
    expectOk(await create(key, 'Right'))
    expect(await count('Right')).toBe(1)
  })

  test('a key is kept for a day and is free some time later', async () => {
    const key = randomUUID()
    expectOk(await create(key, 'Kept'))
    clock.move(DAY)
    const fresh = await addFreshToken()
    expect(replayed(await call('tasks.create', { projectId, title: 'Kept' }, key, fresh))).toBe('true')
    clock.move(2 * DAY)
    expect(
      replayed(
        expectOk(await call('tasks.create', { projectId, title: 'Kept' }, key, await addFreshToken())),
      ),
    ).toBeNull()
    clock.reset()
    expect(await count('Kept')).toBe(2)
  })

  test('answers with secrets are sealed at rest', async () => {
    const key = randomUUID()
    const email = newEmail()
    const input = { email, password: PASSWORD, fullName: 'Somebody' }
    const first = expectOk(await call('auth.register', input, key), { tokens: true })
    const { rows } = await server.database.pool.query<{ row: string }>(
      `SELECT i::text || coalesce(encode(i.sealed_answer, 'escape'), '') AS row FROM idempotency_keys i`,
    )
    expect(rows.length).toBeGreaterThan(0)
    for (const secret of [textOf(first, 'refreshToken'), PASSWORD, email]) {
      expect(rows.some(({ row }) => row.includes(secret))).toBe(false)
    }
  })
})

describe('I2 the same key at once counts once', () => {
  test('twenty at once make one row and give one answer', async () => {
    const key = randomUUID()
    const answers = await Promise.all(Array.from({ length: 20 }, () => create(key, 'Twenty')))
    const ids = new Set<unknown>()
    for (const answer of answers) {
      if (answer.status === 200) ids.add(field(answer.data, 'id'))
      else expectRefused(answer, [409, 503])
    }
    expect(ids.size).toBe(1)
    expect(await count('Twenty')).toBe(1)
    expect(answers.filter((answer) => answer.status === 200 && replayed(answer) === null)).toHaveLength(1)
    expectOk(await create(key, 'Twenty'))
    expect(await count('Twenty')).toBe(1)
  })

  test('one key with two inputs at once: one counts, the other is refused', async () => {
    const key = randomUUID()
    const answers = await Promise.all(['This', 'That'].map((title) => create(key, title)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422])
    expect((await count('This')) + (await count('That'))).toBe(1)
  })
})

async function addFreshToken(): Promise<string> {
  const input = { email: user.email, password: PASSWORD }
  const answer = await mutate(server.baseUrl, 'auth.login', input, { headers: newAddress() })
  return textOf(expectOk(answer, { tokens: true }), 'accessToken')
}
