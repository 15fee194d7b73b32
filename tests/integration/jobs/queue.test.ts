import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApplication } from '../../../server/src/app.ts'
import { handleJob } from '../../../server/src/contract/job.ts'
import { createLogger } from '../../../server/src/platform/logger.ts'
import { testConfig } from '../../support/config.ts'
import { commit, noteJob, reached, rowOf, startWith } from '../../support/jobs.ts'
import type { TestServer } from '../../support/server.ts'
import { until } from '../../support/until.ts'

const quick = noteJob('test.quick')
const counted = noteJob('test.counted', { concurrency: 2 })
const chatty = noteJob('test.chatty')
const held = noteJob('test.held', { concurrency: 1, retry: { limit: 0, delaySeconds: 1 } })
const hourly = { ...noteJob('test.hourly'), schedule: { cron: '5 * * * *', payload: { note: 'tick' } } }

let server: TestServer
/** Which process did which job. */
const doneBy = new Map<string, string>()
let running = 0
let most = 0
let release = Promise.withResolvers<void>()

function handlers(process: string) {
  return [
    handleJob(quick, async ({ payload }) => payload),
    handleJob(counted, async ({ id, payload, signal }) => {
      doneBy.set(id, process)
      running += 1
      most = Math.max(most, running)
      await until('others had their turn', () => running >= 4 || most >= 4 || undefined, 5_000).catch(
        () => undefined,
      )
      signal.throwIfAborted()
      running -= 1
      return payload
    }),
    handleJob(chatty, async ({ payload, progress }) => {
      for (let step = 1; step <= 5_000; step += 1) await progress(step, 5_000)
      return payload
    }),
    handleJob(held, async ({ id, payload, signal }) => {
      doneBy.set(id, `${doneBy.get(id) ?? ''}${process}`)
      const over = new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      await Promise.race([release.promise, over])
      return payload
    }),
    handleJob(hourly, async ({ payload }) => payload),
  ]
}

beforeAll(async () => {
  server = await startWith(handlers('a'))
})
afterAll(() => server?.[Symbol.asyncDispose]())

/** A second process on the same database, as far as jobs are concerned. */
async function secondWorker() {
  const logger = createLogger({ level: 'silent', format: 'json' })
  const overrides = {
    jobGraceMs: 0,
    logger,
    schedules: false,
    jobHandlers: handlers('b'),
    mailTransport: server.mails.transport,
  }
  const app = createApplication(testConfig(), server.database, overrides)
  await app.start()
  return app
}

test('saved means queued, and not saved means not queued, whatever fails', async () => {
  const later = { startAfter: new Date(Date.now() + 3_600_000) }
  const outcomes = await Promise.allSettled(
    Array.from({ length: 200 }, (_, index) =>
      commit(server, async (change) => {
        const id = change.enqueue(quick, { note: 'pair' }, later)
        await change.db.idempotencyKey.create({
          data: { owner: 'pair', procedure: 'p', key: id, inputHash: 'h', expiresAt: new Date() },
        })
        if (index % 3 === 0) throw new Error('changed my mind')
        if (index % 3 === 1) await change.db.$executeRaw`SELECT 1 / ${index % 2}::int`
        return id
      }),
    ),
  )
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['fulfilled', 'rejected']))
  const { rows } = await server.database.pool.query(`
    SELECT count(*) FILTER (WHERE k.key IS NOT NULL)::int AS saved, count(*) FILTER (WHERE j.id IS NOT NULL)::int AS rows,
      count(*) FILTER (WHERE q.id IS NOT NULL)::int AS queued, count(*)::int AS all
    FROM (SELECT * FROM idempotency_keys WHERE owner = 'pair') k
    FULL JOIN (SELECT * FROM jobs WHERE name = 'test.quick') j ON j.id::text = k.key
    FULL JOIN (SELECT * FROM pgboss.job WHERE name = 'test.quick') q ON q.id = j.id`)
  const saved = outcomes.filter(({ status }) => status === 'fulfilled').length
  expect(rows).toEqual([{ saved, rows: saved, queued: saved, all: saved }])
})

test('a job for later begins when its time has come', async () => {
  const startAfter = new Date(Date.now() + 1_500)
  const id = await commit(server, (change) => change.enqueue(quick, { note: 'later' }, { startAfter }))
  const { startedAt } = await reached(server, id, ['succeeded'])
  expect(startedAt?.getTime()).toBeGreaterThanOrEqual(startAfter.getTime() - 50)
})

test('while one with the same key waits, another is not queued', async () => {
  const options = { singletonKey: 'one', startAfter: new Date(Date.now() + 3_600_000) }
  const put = () => commit(server, (change) => change.enqueue(quick, { note: 'one' }, options))
  const ids = [...(await Promise.all([put(), put(), put()])), await put()]
  const rows = await server.database.prisma.job.findMany({ where: { id: { in: ids } } })
  expect(rows).toHaveLength(1)
  const [first] = rows
  const there = await server.database.pool.query('SELECT id FROM pgboss.job WHERE id = ANY($1)', [ids])
  expect(there.rows).toEqual([{ id: first?.id }])
  await server.database.pool.query('UPDATE pgboss.job SET start_after = now() WHERE id = $1', [first?.id])
  await reached(server, first?.id ?? '', ['succeeded'])
  expect(await rowOf(server, await put())).toMatchObject({ state: 'queued' })
})

test('several workers share the load, each with as many at once as is declared', async () => {
  const other = await secondWorker()
  try {
    const ids = await commit(server, (change) =>
      Array.from({ length: 12 }, () => change.enqueue(counted, { note: 'x' })),
    )
    for (const id of ids) await reached(server, id, ['succeeded'], 20_000)
    expect(most).toBe(4)
    expect(new Set(ids.map((id) => doneBy.get(id)))).toEqual(new Set(['a', 'b']))
    expect(await server.database.prisma.job.count({ where: { id: { in: ids }, attempt: 1 } })).toBe(12)
  } finally {
    await other.close()
  }
})

test('however often progress is noted, few events are written and the last one is kept', async () => {
  const id = await commit(server, (change) => change.enqueue(chatty, { note: 'x' }))
  const row = await reached(server, id, ['succeeded'])
  expect(row).toMatchObject({ progressCurrent: 5_000, progressTotal: 5_000 })
  expect(Number(row.revision)).toBeLessThan(20)
  const ids = await server.database.prisma.event.findMany({
    where: { stream: `job:${id}` },
    orderBy: { id: 'asc' },
    select: { id: true },
  })
  expect(ids.map((event) => Number(event.id))).toEqual(ids.map((_, index) => index + 1))
})

test('a worker that stops sends back what takes too long, and the attempt is not held against the job', async () => {
  const other = await secondWorker()
  // The first process is busy with one job, so that the second is done by the other.
  const first = await commit(server, (change) => change.enqueue(held, { note: 'first' }))
  await reached(server, first, ['running'])
  const second = await commit(server, (change) => change.enqueue(held, { note: 'second' }))
  await reached(server, second, ['running'])
  const began = [first, second].map((id) => doneBy.get(id)).sort()
  expect(began).toEqual(['a', 'b'])
  const mine = doneBy.get(first) === 'b' ? first : second
  await other.drain()
  expect(await reached(server, mine, ['queued'])).toMatchObject({ attempt: 1 })
  await other.close()
  release.resolve()
  expect(await reached(server, mine, ['succeeded', 'dead'], 20_000)).toMatchObject({
    state: 'succeeded',
    attempt: 2,
  })
  expect(doneBy.get(mine)).toBe('ba')
  release = Promise.withResolvers()
})

test('a schedule is kept by pg-boss, and when it is due a job is queued like any other', async () => {
  const { pool } = server.database
  const { rows } = await pool.query(
    `SELECT cron, timezone, data FROM pgboss.schedule WHERE key = 'test.hourly'`,
  )
  expect(rows).toEqual([{ cron: '5 * * * *', timezone: 'UTC', data: { job: 'test.hourly' } }])
  // As pg-boss does every hour, twice in a row.
  await pool.query(`INSERT INTO pgboss.job (name, data) VALUES ('schedules', '{"job":"test.hourly"}')`)
  const job = await until('the job is done', async () => {
    return (
      (await server.database.prisma.job.findFirst({ where: { name: 'test.hourly', state: 'succeeded' } })) ??
      undefined
    )
  })
  expect(job).toMatchObject({ ownerId: null, result: { note: 'tick' } })
})

test('stored queues follow changed definitions', async () => {
  const { pool } = server.database
  const changed = handleJob(
    { ...quick, retry: { limit: 9, delaySeconds: 4 }, timeLimitSeconds: 40 },
    async ({ payload }) => payload,
  )
  const logger = createLogger({ level: 'silent', format: 'json' })
  const app = createApplication(testConfig({ PLINTH_ROLE: 'api' }), server.database, {
    logger,
    jobHandlers: [changed],
  })
  await app.start()
  const { rows } = await pool.query(
    `SELECT retry_limit, retry_delay, retry_backoff, expire_seconds, heartbeat_seconds, dead_letter
     FROM pgboss.queue WHERE name = 'test.quick'`,
  )
  expect(rows).toEqual([
    {
      retry_limit: 9,
      retry_delay: 4,
      retry_backoff: true,
      expire_seconds: 70,
      heartbeat_seconds: 10,
      dead_letter: 'dead-letters',
    },
  ])
  await app.close()
})
