import { setTimeout as delay } from 'node:timers/promises'
import { fromPrisma, PgBoss } from 'pg-boss'
import { handleJob } from '../../server/src/contract/job.ts'
import { type Database, type Tx, transaction } from '../../server/src/platform/database/index.ts'
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

/** Whether a job's effect is a row that must be there if and only if the job is done. */
type Effect = 'none' | 'row'

interface Contender extends AsyncDisposable {
  readonly name: string
  readonly effect: Effect
  /** The faster one of these with the same effect is what Plinth is compared with. */
  readonly bare: boolean
  /** Begins to work; whoever looks all the time does so in its own turns only. Returns how to stop. */
  work(): () => Promise<unknown>
  /** Enqueues one job in a transaction with a row of its own. */
  enqueue(): Promise<void>
  /** How many jobs the database says are done. */
  done(): Promise<number>
}

async function run({ quick }: BenchOptions): Promise<Report> {
  process.env.TEST_DATABASE = 'postgres'
  const count = quick ? 100 : 500
  const rounds = quick ? 1 : 3
  const contenders: Contender[] = []
  for (const effect of ['none', 'row'] as const) {
    contenders.push(await bare(effect, 1), await bare(effect, CONCURRENCY), await plinth(effect))
  }
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
  const speeds = contenders.map(({ name, effect, bare: isBare }) => {
    return { name, effect, isBare, perSecond: median(measured.get(name) ?? []) }
  })
  const rows = speeds.map((row) => {
    const rivals = speeds.filter(({ effect, isBare }) => isBare && effect === row.effect)
    return { ...row, ofBare: row.perSecond / Math.max(...rivals.map(({ perSecond }) => perSecond)) }
  })
  return {
    tables: [
      {
        title: `Medians of ${rounds} rounds of ${count} jobs: ${PRODUCERS} producers, ${CONCURRENCY} jobs at once, ${POOL} connections`,
        columns: ['queue', 'jobs/s', 'of the faster bare pg-boss'],
        rows: rows.map(({ name, perSecond, ofBare }) => [name, Math.round(perSecond), rounded(ofBare, 2)]),
      },
    ],
    notes: [
      'Each job is enqueued in a Prisma transaction of its own with a row; its effect is nothing, or a row in a transaction',
      'that completes the job. Bare pg-boss is loops of fetch and complete without pauses, one by one or in batches, with the',
      'same retries and dead letters; it keeps no rows for users and tells nobody.',
    ],
    targets: rows
      .filter(({ isBare }) => !isBare)
      .map(({ name, ofBare }) => ({
        name,
        wanted: `≥ ${WANTED} × bare pg-boss`,
        measured: rounded(ofBare, 2).toString(),
        met: ofBare >= WANTED,
      })),
    data: { rows, measured: Object.fromEntries(measured) },
  }
}

const EFFECTS = { none: 'no effect', row: 'a row with the job' }

async function makeTable({ pool }: Pick<Database, 'pool'>): Promise<void> {
  await pool.query('CREATE TABLE bench_rows (id uuid PRIMARY KEY, note text NOT NULL)')
}

async function insertRow(tx: Tx): Promise<void> {
  await tx.$executeRaw`INSERT INTO bench_rows (id, note) VALUES (gen_random_uuid(), 'x')`
}

/** Jobs per second from the first that is enqueued to the last that is done. */
async function turn(contender: Contender, count: number): Promise<number> {
  const rest = contender.work()
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
  const seconds = (performance.now() - started) / 1_000
  await rest()
  return count / seconds
}

async function bare(effect: Effect, batchSize: number): Promise<Contender> {
  const { database, drop } = await createTestDatabase('postgres', { poolSize: POOL })
  await makeTable(database)
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
      const batch = await boss.fetch('bare', { batchSize })
      if (batch.length === 0) await delay(20)
      else if (effect === 'none') await boss.complete('bare', batch)
      else {
        await Promise.all(
          batch.map((job) =>
            transaction(database, async (tx) => {
              await insertRow(tx)
              await boss.complete('bare', job, null, { db: fromPrisma(tx) })
            }),
          ),
        )
      }
    }
  }
  return {
    name: `bare pg-boss, ${batchSize === 1 ? 'one by one' : 'in batches'}, ${EFFECTS[effect]}`,
    effect,
    bare: true,
    work() {
      over = false
      const workers = Array.from({ length: CONCURRENCY / batchSize }, worker)
      return () => {
        over = true
        return Promise.all(workers)
      }
    },
    enqueue: () =>
      transaction(database, async (tx) => {
        await insertRow(tx)
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
      await boss.stop({ graceful: false, close: false })
      await drop()
    },
  }
}

async function plinth(effect: Effect): Promise<Contender> {
  const job = noteJob(`bench.${effect}`, { concurrency: CONCURRENCY })
  const server = await startWith([
    handleJob(job, async ({ payload, unit }) => {
      if (effect === 'none') return payload
      return await unit.commit(async ({ db }) => {
        await insertRow(db)
        return payload
      })
    }),
  ])
  const { database, app } = server
  await makeTable(database)
  return {
    name: `Plinth, ${EFFECTS[effect]}`,
    effect,
    bare: false,
    // It is woken, and looks once a second.
    work: () => () => Promise.resolve(),
    async enqueue() {
      const queued = newJob(job, { note: 'x' })
      await transaction(database, async (tx) => {
        await insertRow(tx)
        await app.runtime.jobs.enqueue(tx, [queued], { ownerId: null, traceId: 'bench' })
      })
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
