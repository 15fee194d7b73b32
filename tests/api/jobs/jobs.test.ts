import { createClient, memoryTokens } from '@plinth/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { handleJob } from '../../../server/src/contract/job.ts'
import { field, mutate, query } from '../../support/http.ts'
import { commit, noteJob, reached, startWith } from '../../support/jobs.ts'
import { addPerson, type LogIn, newAddress, type Person, textOf } from '../../support/people.ts'
import type { TestServer } from '../../support/server.ts'
import { openStream } from '../../support/sse.ts'
import { until } from '../../support/until.ts'

const greet = noteJob('test.greet')
const gated = noteJob('test.gated')
const broken = noteJob('test.broken', { retry: { limit: 0, delaySeconds: 1 } })

let server: TestServer
let ada: Person & LogIn
let eve: Person & LogIn
let admin: Person & LogIn
/** Gates that `test.gated` waits at, by note. */
const gates = new Map<string, PromiseWithResolvers<void>>()
let broke = true

beforeAll(async () => {
  server = await startWith(
    [
      handleJob(greet, async ({ payload, actor }) => ({ note: `${payload.note} ${actor?.email}` })),
      handleJob(gated, async ({ payload, progress, signal }) => {
        await progress(1, 3)
        const gate = gates.get(payload.note)?.promise
        const over = new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        await Promise.race([gate, over])
        for (const step of [2, 3]) await progress(step, 3)
        return payload
      }),
      handleJob(broken, async ({ payload }) => {
        if (broke) throw new Error('boom')
        return payload
      }),
    ],
    { variables: { TRUSTED_PROXIES: '127.0.0.1' } },
  )
  ada = await addPerson(server, 'ada')
  eve = await addPerson(server, 'eve')
  admin = await addPerson(server, 'admin', 'admin')
})
afterAll(() => server?.[Symbol.asyncDispose]())

function gate(name: string): PromiseWithResolvers<void> {
  const made = Promise.withResolvers<void>()
  gates.set(name, made)
  return made
}

const get = (id: string, { token }: LogIn) =>
  query(server.baseUrl, 'jobs.get', { id }, { token, headers: newAddress() })

test('the owner and admins see a job with its result, strangers do not', async () => {
  const id = await commit(server, (change) => change.enqueue(greet, { note: 'hello' }), ada.id)
  await reached(server, id, ['succeeded'])
  const answer = await get(id, ada)
  expect(answer.data).toMatchObject({
    id,
    name: 'test.greet',
    state: 'succeeded',
    attempt: 1,
    result: { note: `hello ${ada.email}` },
    ownerId: ada.id,
  })
  expect((await get(id, admin)).status).toBe(200)
  expect((await get(id, eve)).status).toBe(404)
  const system = await commit(server, (change) => change.enqueue(greet, { note: 'system' }))
  expect((await get(system, ada)).status).toBe(404)
  expect((await get(system, admin)).status).toBe(200)
})

test('lists hold one’s own jobs, and everybody’s for admins', async () => {
  const [mine, theirs] = await Promise.all([
    commit(server, (change) => change.enqueue(greet, { note: 'list' }), ada.id),
    commit(server, (change) => change.enqueue(greet, { note: 'list' }), eve.id),
  ])
  const list = async (input: object, { token }: LogIn) => {
    const answer = await query(server.baseUrl, 'jobs.list', input, { token, headers: newAddress() })
    const rows = field(answer.data, 'data')
    return Array.isArray(rows) ? rows.map((row) => textOf(row, 'id')) : []
  }
  expect(await list({}, eve)).toEqual([theirs])
  expect(await list({ ownerId: ada.id }, eve)).toEqual([])
  expect(await list({ limit: 100 }, ada)).toContain(mine)
  expect(await list({ limit: 100 }, ada)).not.toContain(theirs)
  expect(await list({ ownerId: eve.id }, admin)).toEqual([theirs])
  expect(await list({ limit: 100 }, admin)).toEqual(expect.arrayContaining([mine, theirs]))
  expect(await list({ limit: 100, name: 'test.unknown' }, admin)).toEqual([])

  const first = await query(
    server.baseUrl,
    'jobs.list',
    { limit: 1 },
    { token: ada.token, headers: newAddress() },
  )
  const cursor = textOf(first, 'pagination', 'nextCursor')
  const [next] = await list({ limit: 1, cursor }, ada)
  expect(next).not.toBe(mine)
  const elsewhere = { token: eve.token, headers: newAddress() }
  expect((await query(server.baseUrl, 'jobs.list', { limit: 1, cursor }, elsewhere)).status).toBe(400)
})

test('a stream tells how the job stands, every change, and ends with it', async () => {
  const open = gate('watched')
  const id = await commit(server, (change) => change.enqueue(gated, { note: 'watched' }), ada.id)
  await until(
    'some progress is told',
    async () => field((await get(id, ada)).data, 'progress') !== undefined || undefined,
  )
  const client = createClient({ baseUrl: server.baseUrl, tokens: memoryTokens(tokensOf(ada)) })
  const seen: unknown[] = []
  const completed = new Promise<void>((resolve, reject) => {
    client.jobs.onProgress.subscribe(
      { id },
      { onData: ({ data }) => seen.push(data), onComplete: resolve, onError: reject },
    )
  })
  await until('the first event', () => (seen.length > 0 ? true : undefined))
  open.resolve()
  await completed
  expect(seen[0]).toEqual({ state: 'running', attempt: 1, progress: { current: 1, total: 3 } })
  expect(seen.at(-1)).toEqual({
    state: 'succeeded',
    attempt: 1,
    progress: { current: 3, total: 3 },
    result: { note: 'watched' },
  })
  // Later ones are told how it ended, at once.
  const late: unknown[] = []
  for await (const { data } of client.jobs.onProgress.subscribe({ id })) late.push(data)
  expect(late).toEqual([seen.at(-1)])
})

test('a stream resumes after the last event seen, and is closed to strangers', async () => {
  const id = await commit(server, (change) => change.enqueue(greet, { note: 'resume' }), ada.id)
  const { revision } = await reached(server, id, ['succeeded'])
  using all = await openStream(server.baseUrl, 'jobs.onProgress', { id }, { token: ada.token })
  await all.ended()
  expect(all.events().map((event) => event.id)).toEqual([String(revision)])
  const last = { token: ada.token, lastEventId: String(revision) }
  using rest = await openStream(server.baseUrl, 'jobs.onProgress', { id }, last)
  await rest.ended()
  expect(rest.events()).toEqual([])
  using refused = await openStream(server.baseUrl, 'jobs.onProgress', { id }, { token: eve.token })
  expect(refused.status).toBe(404)
  using beyond = await openStream(
    server.baseUrl,
    'jobs.onProgress',
    { id },
    { token: ada.token, lastEventId: '999' },
  )
  expect(beyond.status).toBe(400)
})

test('a running job is cancelled at once, and nothing of it is kept', async () => {
  gate('cancelled')
  const id = await commit(server, (change) => change.enqueue(gated, { note: 'cancelled' }), ada.id)
  await reached(server, id, ['running'])
  const call = (as: LogIn) =>
    mutate(server.baseUrl, 'jobs.cancel', { id }, { token: as.token, headers: newAddress() })
  expect((await call(eve)).status).toBe(404)
  expect((await call(ada)).data).toMatchObject({ id, state: 'cancelled' })
  expect((await call(ada)).data).toMatchObject({ id, state: 'cancelled' })
  expect(await reached(server, id, ['cancelled'])).toMatchObject({ result: null })
  const done = await commit(server, (change) => change.enqueue(greet, { note: 'done' }), ada.id)
  await reached(server, done, ['succeeded'])
  const late = await mutate(
    server.baseUrl,
    'jobs.cancel',
    { id: done },
    { token: ada.token, headers: newAddress() },
  )
  expect(late.error).toMatchObject({ code: 'CONFLICT', reason: 'JOB_ENDED' })
})

test('an admin has a dead job tried again', async () => {
  broke = true
  const id = await commit(server, (change) => change.enqueue(broken, { note: 'again' }), ada.id)
  expect(await reached(server, id, ['dead'])).toMatchObject({ attempt: 1, error: 'Something went wrong.' })
  const letters = () =>
    server.database.pool.query(`SELECT FROM pgboss.job WHERE name = 'dead-letters' AND source_id = $1`, [id])
  expect((await letters()).rowCount).toBe(1)
  const call = (as: LogIn) =>
    mutate(server.baseUrl, 'jobs.retry', { id }, { token: as.token, headers: newAddress() })
  expect((await call(ada)).status).toBe(403)
  broke = false
  expect((await call(admin)).data).toMatchObject({ id })
  expect(await reached(server, id, ['succeeded'])).toMatchObject({ attempt: 2, error: null })
  expect((await letters()).rowCount).toBe(0)
  expect((await call(admin)).error).toMatchObject({ reason: 'JOB_NOT_FAILED' })
})

function tokensOf({ token, refreshToken }: LogIn) {
  return { accessToken: token, refreshToken, expiresAt: new Date(Date.now() + 600_000).toISOString() }
}
