import { setTimeout as delay } from 'node:timers/promises'
import { fromPrisma, PgBoss } from 'pg-boss'
import { handleJob } from '../../server/src/contract/job.ts'
import { transaction } from '../../server/src/platform/database/index.ts'
import { newJob } from '../../server/src/platform/jobs/new-job.ts'
import { createTestDatabase } from '../support/database.ts'
import { noteJob, startWith } from '../support/jobs.ts'
import type { Bench, BenchOptions, Report } from './bench.ts'
import { median, rounded } from './support/statistics.ts'

/** Jobs that are enqueued, one per transaction, and done, by this process alone. */
export const jobs: Bench = {
  summary: 'jobs enqueued in transactions and done per second, beside bare pg-boss in the same run',
  run,
}

const PRODUCERS = 8
const CONCURRENCY = 5
const POOL = 10
const WANTED = 0.8

interface Contender extends AsyncDisposable {
  readonly name: string
  /** Enqueues one job in a transaction of its own. */
  enqueue(): Promise<void>
  /** How many jobs the database says are done. */
  done(): Promise<number>
}

async function run({ quick }: BenchOptions): Promise<Report> {
  process.env.TEST_DATABASE = 'postgres'
  const count = quick ? 100 : 1_000
  const rounds = quick ? 1 : 3
  const contenders = [await bare(), await plinth('done', false), await plinth('committed', true)]
  const measured = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  try {
    for (const contender of contenders) await turn(contender, count)
    for (let round = 0; round < rounds; round += 1) {
      for (const contender of contenders) {
        measured.get(contender.name)?.push(await turn(contender, count))
      }
    }
  } finally {
    for (const contender of contenders) await contender[Symbol.asyncDispose]()
  }
  const rows = [...measured].map(([name, values]) => ({ name, perSecond: median(values) }))
  const base = rows[0]?.perSecond ?? Number.NaN
  return {
    tables: [
      {
        title: `Medians of ${rounds} rounds of ${count} jobs: ${PRODUCERS} producers, ${CONCURRENCY} jobs at once, ${POOL} connections`,
        columns: ['queue', 'jobs/s', 'of bare pg-boss'],
        rows: rows.map(({ name, perSecond }) => [name, Math.round(perSecond), rounded(perSecond / base, 2)]),
      },
    ],
    notes: [
      'Each job is enqueued in a Prisma transaction of its own and does nothing. Bare pg-boss is a loop of fetch and complete',
      'for each of the jobs at once, with the same retries and dead letters; it keeps no rows for users and tells nobody.',
    ],
    targets: rows.slice(1).map(({ name, perSecond }) => ({
      name,
      wanted: `≥ ${WANTED} × bare pg-boss`,
      measured: rounded(perSecond / base, 2).toString(),
      met: perSecond >= WANTED * base,
    })),
    data: { rows, measured: Object.fromEntries(measured) },
  }
}

/** Jobs per second from the first that is enqueued to the last that is done. */
async function turn(contender: Contender, count: number): Promise<number> {
  const before = await contender.done()
  const started = performance.now()
  let left = count
  const producer = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      await contender.enqueue()
    }
  }
  await Promise.all(Array.from({ length: PRODUCERS }, producer))
  while ((await contender.done()) < before + count) await delay(20)
  return count / ((performance.now() - started) / 1_000)
}

async function bare(): Promise<Contender> {
  const { database, drop } = await createTestDatabase('postgres', { poolSize: POOL })
  const boss = new PgBoss({ db: { executeSql: (text, values) => database.pool.query(text, values) } })
  boss.on('error', (error) => process.stderr.write(`${error.message}\n`))
  await boss.start()
  await boss.createQueue('dead')
  await boss.createQueue('bare', {
    retryLimit: 3,
    retryBackoff: true,
    heartbeatSeconds: 10,
    expireInSeconds: 330,
    deadLetter: 'dead',
  })
  // `work` pauses between two fetches however much there is to do: 10 jobs a second with five workers. This loop does not.
  let over = false
  const worker = async (): Promise<void> => {
    while (!over) {
      const [job] = await boss.fetch('bare')
      if (job === undefined) await delay(20)
      else await boss.complete('bare', job)
    }
  }
  const workers = Array.from({ length: CONCURRENCY }, worker)
  return {
    name: 'bare pg-boss',
    enqueue: () =>
      transaction(database, async (tx) => {
        await boss.send('bare', { note: 'x' }, { db: fromPrisma(tx) })
      }),
    async done() {
      const { rows } = await database.pool.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM pgboss.job WHERE name = 'bare' AND state = 'completed'`,
      )
      return rows[0]?.count ?? 0
    },
    async [Symbol.asyncDispose]() {
      over = true
      await Promise.all(workers)
      await boss.stop({ graceful: false, close: false })
      await drop()
    },
  }
}

async function plinth(kind: string, commits: boolean): Promise<Contender> {
  const job = noteJob(`bench.${kind}`, { concurrency: CONCURRENCY })
  const server = await startWith([
    handleJob(job, async ({ payload, unit }) => (commits ? await unit.commit(async () => payload) : payload)),
  ])
  const { database, app } = server
  return {
    name: commits ? 'Plinth, effect committed with the job' : 'Plinth, no effect in the database',
    async enqueue() {
      const queued = newJob(job, { note: 'x' })
      await transaction(database, (tx) =>
        app.runtime.jobs.enqueue(tx, [queued], { ownerId: null, traceId: 'bench' }),
      )
      app.runtime.bus.publish('jobs', job.name)
    },
    async done() {
      const { rows } = await database.pool.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM jobs WHERE state = 'succeeded'`,
      )
      return rows[0]?.count ?? 0
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
