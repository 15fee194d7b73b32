import { afterAll, beforeAll, expect, test } from 'vitest'
import { fail } from '../../../server/src/contract/errors.ts'
import { handleJob } from '../../../server/src/contract/job.ts'
import { mutate } from '../../support/http.ts'
import { commit, noteJob, reached, rowOf, startWith } from '../../support/jobs.ts'
import { addPerson } from '../../support/people.ts'
import type { TestServer } from '../../support/server.ts'
import { until } from '../../support/until.ts'

const once = { retry: { limit: 0, delaySeconds: 1 } } as const
const plain = noteJob('test.plain', once)
const endless = noteJob('test.endless', { ...once, timeLimitSeconds: 1, concurrency: 2 })
const refuses = noteJob('test.refuses')
const retried = noteJob('test.retried', { retry: { limit: 2, delaySeconds: 1 } })
const unfit = noteJob('test.unfit', once)
const together = noteJob('test.together', once)
const slow = noteJob('test.slow', once)
const counts = noteJob('test.counts', once)

/** Notes of the jobs whose handler was run. */
const ran: string[] = []
/** Jobs that end together. */
const everybody = Promise.withResolvers<void>()
let arrived = 0
const released = Promise.withResolvers<void>()
let server: TestServer

beforeAll(async () => {
  server = await startWith([
    handleJob(plain, async ({ payload }) => {
      ran.push(payload.note)
      return payload
    }),
    handleJob(endless, ({ payload }) =>
      payload.note === 'quick' ? Promise.resolve(payload) : new Promise(() => undefined),
    ),
    handleJob(refuses, async () => {
      throw fail('CONFLICT', { message: 'The invoice is paid already.' })
    }),
    handleJob(retried, async ({ payload, attempt }) => {
      ran.push(`${payload.note} ${attempt}`)
      if (attempt <= 2) throw new Error('password=hunter2')
      return payload
    }),
    handleJob(together, async ({ payload }) => {
      arrived += 1
      if (arrived === 4) everybody.resolve()
      await everybody.promise
      return payload.note === 'nul' ? { note: '\u0000' } : payload
    }),
    handleJob(slow, async ({ payload, unit }) => {
      ran.push(payload.note)
      await released.promise
      return await unit.commit(async (change) => {
        change.emit({ stream: 'test:slow', type: 'done', data: {} })
        return payload
      })
    }),
    handleJob(counts, async ({ payload, progress }) => {
      const refused = await progress(Number(payload.note), 10).catch((error: unknown) => error)
      return { note: refused instanceof Error ? refused.name : 'taken' }
    }),
    handleJob(unfit, async () => ({ note: 'x'.repeat(100_000) })),
  ])
})
afterAll(() => server?.[Symbol.asyncDispose]())

const deadLetters = async (id: string) => {
  const { rowCount } = await server.database.pool.query(
    `SELECT FROM pgboss.job WHERE name = 'dead-letters' AND source_id = $1`,
    [id],
  )
  return rowCount
}

/** Queues a job that waits while `meddle` changes the tables, and then lets it begin. */
async function meddled(note: string, meddle: string, ownerId: string | null = null): Promise<string> {
  const later = { startAfter: new Date(Date.now() + 3_600_000) }
  const id = await commit(server, (change) => change.enqueue(plain, { note }, later), ownerId)
  if (meddle !== '') await server.database.pool.query(meddle, [id])
  await server.database.pool.query('UPDATE pgboss.job SET start_after = now() WHERE id = $1', [id])
  return id
}

test('a payload that was edited in the table is refused by the schema and never run', async () => {
  const edit = `UPDATE pgboss.job SET data = '{"payload":{"note":17}}' WHERE id = $1`
  const id = await meddled('edited', edit)
  expect(await reached(server, id, ['dead', 'succeeded'])).toMatchObject({
    state: 'dead',
    attempt: 1,
    error: 'Its payload is not what was queued.',
  })
  expect(ran).not.toContain('edited')
  expect(await deadLetters(id)).toBe(1)
})

test('a job of an older version is refused', async () => {
  const id = await meddled('old', 'UPDATE jobs SET version = 0 WHERE id = $1')
  const row = await reached(server, id, ['dead', 'succeeded'])
  expect(row).toMatchObject({ state: 'dead', error: expect.stringContaining('older version (0)') })
  expect(ran).not.toContain('old')
})

test('a job of a newer version waits for a process that knows it, and no attempt is held against it', async () => {
  const id = await meddled('new', 'UPDATE jobs SET version = 7 WHERE id = $1')
  const waiting = await until('it was looked at and given back', async () => {
    const row = await rowOf(server, id)
    return row.attempt > 0 && row.state !== 'running' ? row : undefined
  })
  expect(waiting).toMatchObject({ state: 'queued', error: 'It waits for a server of its version (7).' })
  expect(ran).not.toContain('new')
  // As when such a process comes.
  await server.database.pool.query('UPDATE jobs SET version = 1 WHERE id = $1', [id])
  expect(await reached(server, id, ['dead', 'succeeded'], 20_000)).toMatchObject({ state: 'succeeded' })
})

test('a result that the database does not take costs those that end beside it nothing', async () => {
  const ids = await commit(server, (change) =>
    ['fine 1', 'nul', 'fine 2', 'fine 3'].map((note) => change.enqueue(together, { note })),
  )
  const rows = await Promise.all(ids.map((id) => reached(server, id, ['succeeded', 'dead', 'failed'])))
  expect(rows.map(({ state, attempt, error }) => ({ state, attempt, error }))).toEqual([
    { state: 'succeeded', attempt: 1, error: null },
    { state: 'dead', attempt: 1, error: 'Something went wrong.' },
    { state: 'succeeded', attempt: 1, error: null },
    { state: 'succeeded', attempt: 1, error: null },
  ])
})

test('progress that cannot be counted is a mistake of its handler, found at once', async () => {
  const ids = await commit(server, (change) =>
    ['0.5', '-1', String(2 ** 31)].map((note) => change.enqueue(counts, { note })),
  )
  const rows = await Promise.all(ids.map((id) => reached(server, id, ['succeeded', 'dead'])))
  expect(rows.map(({ result }) => result)).toEqual(ids.map(() => ({ note: 'RangeError' })))
})

test('a job of a user who was suspended meanwhile does not run, and others go on', async () => {
  const owner = await addPerson(server)
  const id = await meddled('suspended', '', owner.id)
  const admin = await addPerson(server, 'admin', 'admin')
  const first = await meddled('before', '', owner.id)
  expect(await reached(server, first, ['dead', 'succeeded'])).toMatchObject({ state: 'succeeded' })
  await reached(server, id, ['succeeded'])
  const suspended = await mutate(server.baseUrl, 'users.suspend', { id: owner.id }, { token: admin.token })
  expect(suspended.status).toBe(200)
  const after = await meddled('after', '', owner.id)
  expect(await reached(server, after, ['dead', 'succeeded'])).toMatchObject({
    state: 'dead',
    error: 'Its owner is suspended or gone.',
  })
  expect(ran).not.toContain('after')
})

test('a job whose owner is suspended while it runs has no effect', async () => {
  const [owner, admin] = [await addPerson(server), await addPerson(server, 'admin', 'admin')]
  const id = await commit(server, (change) => change.enqueue(slow, { note: 'slow' }), owner.id)
  await until('it runs', () => ran.includes('slow') || undefined)
  const suspended = await mutate(server.baseUrl, 'users.suspend', { id: owner.id }, { token: admin.token })
  expect(suspended.status).toBe(200)
  released.resolve()
  expect(await reached(server, id, ['dead', 'failed', 'succeeded'])).toMatchObject({
    state: 'dead',
    error: 'Its owner is suspended or gone.',
  })
  expect(await server.database.prisma.event.count({ where: { stream: 'test:slow' } })).toBe(0)
})

test('a queued job whose row was deleted is put aside, not run', async () => {
  const id = await meddled('rowless', 'DELETE FROM jobs WHERE id = $1')
  const next = await meddled('next', '')
  await reached(server, next, ['succeeded'])
  expect(ran).not.toContain('rowless')
  expect(await deadLetters(id)).toBe(1)
})

test('jobs that never end and heed no signal are given up, and others of their kind are done', async () => {
  const stuck = await Promise.all(
    [1, 2, 3].map(() => commit(server, (change) => change.enqueue(endless, { note: 'stuck' }))),
  )
  const quick = await commit(server, (change) => change.enqueue(endless, { note: 'quick' }))
  expect(await reached(server, quick, ['succeeded'], 15_000)).toMatchObject({ attempt: 1 })
  for (const id of stuck) {
    expect(await reached(server, id, ['dead'], 15_000)).toMatchObject({
      error: 'It took longer than 1 seconds.',
    })
  }
})

test('a refusal of the catalogue ends a job at once, in words for its owner', async () => {
  const id = await commit(server, (change) => change.enqueue(refuses, { note: 'x' }))
  expect(await reached(server, id, ['failed', 'dead', 'succeeded'])).toMatchObject({
    state: 'failed',
    attempt: 1,
    error: 'The invoice is paid already.',
  })
  expect(await deadLetters(id)).toBe(0)
})

test('a job that breaks is tried again with growing pauses, and says nothing internal', async () => {
  const id = await commit(server, (change) => change.enqueue(retried, { note: 'again' }))
  const waiting = await reached(server, id, ['queued'])
  expect(waiting.state).toBe('queued')
  expect(await reached(server, id, ['succeeded', 'dead'], 20_000)).toMatchObject({
    state: 'succeeded',
    attempt: 3,
  })
  expect(ran.filter((note) => note.startsWith('again'))).toEqual(['again 1', 'again 2', 'again 3'])
  const events = await server.database.prisma.event.findMany({
    where: { stream: `job:${id}` },
    orderBy: { id: 'asc' },
    select: { data: true, createdAt: true },
  })
  expect(JSON.stringify(events)).not.toContain('hunter2')
  expect(events.map(({ data }) => data)).toMatchObject([
    { state: 'running', attempt: 1 },
    { state: 'queued', error: { message: 'Something went wrong.' } },
    { state: 'running', attempt: 2 },
    { state: 'queued' },
    { state: 'running', attempt: 3 },
    { state: 'succeeded', attempt: 3 },
  ])
  const [, failed1, began2, failed2, began3] = events.map(({ createdAt }) => createdAt.getTime())
  expect((began2 ?? 0) - (failed1 ?? 0)).toBeGreaterThanOrEqual(900)
  expect((began3 ?? 0) - (failed2 ?? 0)).toBeGreaterThanOrEqual(1_900)
})

test('a result that is too large is a failure, not a row', async () => {
  const id = await commit(server, (change) => change.enqueue(unfit, { note: 'x' }))
  expect(await reached(server, id, ['dead'])).toMatchObject({ result: null })
})
