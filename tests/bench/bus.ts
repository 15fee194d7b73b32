import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import pg from 'pg'
import type { Bench, BenchOptions, Report } from './bench.ts'
import { createBenchDatabase } from './support/database.ts'
import { median, percentile, rounded } from './support/statistics.ts'

const REDIS_URL = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379'
const STEADY_PER_SECOND = 100
const WRITERS = 16

/** How processes tell each other of a change: in the transaction by NOTIFY, after it, or after it by Redis. */
export const bus: Bench = {
  summary:
    'a change told to another process: LISTEN/NOTIFY against Redis pub/sub (needs a Redis at TEST_REDIS_URL)',
  onlyWhenNamed: true,
  run,
}

/** What the listening process says when asked. */
export interface BusReport {
  readonly latencies: readonly number[]
  readonly cpuMs: number
}

/** A way to commit a row and tell the other process. */
interface Way extends AsyncDisposable {
  readonly name: string
  readonly listener: ChildProcess
  write(): Promise<void>
}

interface Measured {
  readonly name: string
  readonly p50Ms: number
  readonly p99Ms: number
  readonly perSecond: number
  readonly writerCpuMs: number
  readonly listenerCpuMs: number
}

async function run({ quick }: BenchOptions): Promise<Report> {
  await using database = await createBenchDatabase()
  await database.client.query('CREATE TABLE said (id bigserial PRIMARY KEY, at double precision NOT NULL)')
  const rounds = quick ? 1 : 3
  const found: Measured[] = []
  for (let round = 0; round < rounds; round += 1) {
    for (const open of [quiet, notify, notifyAfter, redis]) {
      await using way = await open(database.url)
      found.push(await measure(way, quick ? 1 : 5))
    }
  }
  const names = [...new Set(found.map(({ name }) => name))]
  const medians = names.map((name) => {
    const own = found.filter((one) => one.name === name)
    const middle = (pick: (one: Measured) => number, digits: number) => rounded(median(own.map(pick)), digits)
    return [
      name,
      middle((one) => one.p50Ms, 2),
      middle((one) => one.p99Ms, 2),
      Math.round(middle((one) => one.perSecond, 0)),
      middle((one) => one.writerCpuMs, 3),
      middle((one) => one.listenerCpuMs, 3),
    ]
  })
  return {
    tables: [
      {
        title: `A row committed and another process told, median of ${rounds}`,
        columns: [
          'way',
          'p50 ms',
          'p99 ms',
          `commits/s of ${WRITERS} writers`,
          'writer CPU ms per message',
          'listener CPU ms per message',
        ],
        rows: medians,
      },
    ],
    notes: [
      `Latency at ${STEADY_PER_SECOND} changes a second, from before BEGIN to the other process. "nobody told" only commits.`,
    ],
    data: found,
  }
}

async function measure(way: Way, seconds: number): Promise<Measured> {
  await way.write()
  await ask(way.listener)
  for (let sent = 0; sent < STEADY_PER_SECOND * seconds; sent += 1) {
    await Promise.all([way.write(), delay(1_000 / STEADY_PER_SECOND)])
  }
  await delay(200)
  const steady = await ask(way.listener)
  const before = process.cpuUsage()
  const until = performance.now() + seconds * 1_000
  let commits = 0
  const writer = async (): Promise<void> => {
    while (performance.now() < until) {
      await way.write()
      commits += 1
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, writer))
  const own = process.cpuUsage(before)
  await delay(500)
  const busy = await ask(way.listener)
  return {
    name: way.name,
    p50Ms: percentile(steady.latencies, 0.5),
    p99Ms: percentile(steady.latencies, 0.99),
    perSecond: commits / seconds,
    writerCpuMs: (own.user + own.system) / 1_000 / commits,
    listenerCpuMs: (busy.cpuMs - steady.cpuMs) / commits,
  }
}

async function ask(listener: ChildProcess): Promise<BusReport> {
  listener.send('report')
  const [report] = await once(listener, 'message', { signal: AbortSignal.timeout(10_000) })
  return report as BusReport
}

const quiet = (url: string) => way('nobody told', url, ['postgres', url], (client) => commit(client, []))
const notify = (url: string) =>
  way('NOTIFY in the transaction', url, ['postgres', url], (client) => {
    const message = JSON.stringify({ sender: 'bench', topic: 'bench', payload: now() })
    return commit(client, ["SELECT pg_notify('plinth', $1)", message])
  })

/** Those committed while one is being told are told together. */
async function notifyAfter(url: string): Promise<Way> {
  const teller = new pg.Client({ connectionString: url })
  await teller.connect()
  let waiting: string[] = []
  let telling: Promise<unknown> | undefined
  const tell = async (): Promise<void> => {
    while (waiting.length > 0) {
      const texts = waiting
      waiting = []
      await teller.query("SELECT pg_notify('plinth', text) FROM unnest($1::text[]) AS text", [texts])
    }
    telling = undefined
  }
  const made = await way('NOTIFY after the commit', url, ['postgres', url], async (client) => {
    const message = JSON.stringify({ sender: 'bench', topic: 'bench', payload: now() })
    await commit(client, [])
    waiting.push(message)
    telling ??= tell()
  })
  return {
    ...made,
    async [Symbol.asyncDispose]() {
      await made[Symbol.asyncDispose]()
      await telling
      await teller.end()
    },
  }
}

async function redis(url: string): Promise<Way> {
  const publisher = new Redis(REDIS_URL)
  const made = await way('Redis', url, ['redis', REDIS_URL], async (client) => {
    const began = now()
    await commit(client, [])
    await publisher.publish('plinth-bench', began)
  })
  return {
    ...made,
    async [Symbol.asyncDispose]() {
      await made[Symbol.asyncDispose]()
      await publisher.quit()
    },
  }
}

async function way(
  name: string,
  url: string,
  args: readonly string[],
  write: (client: pg.PoolClient) => Promise<void>,
): Promise<Way> {
  const pool = new pg.Pool({ connectionString: url, max: WRITERS })
  const listener = fork(path.join(import.meta.dirname, 'support/bus-listener.ts'), [...args])
  await once(listener, 'message')
  return {
    name,
    listener,
    async write() {
      const client = await pool.connect()
      try {
        await write(client)
      } finally {
        client.release()
      }
    },
    async [Symbol.asyncDispose]() {
      listener.disconnect()
      await pool.end()
    },
  }
}

/** One transaction as a mutation's: a row, and perhaps one statement that tells of it. */
async function commit(client: pg.PoolClient, [text, value]: readonly string[]): Promise<void> {
  await client.query('BEGIN')
  await client.query('INSERT INTO said (at) VALUES ($1)', [performance.now()])
  if (text !== undefined) await client.query(text, [value])
  await client.query('COMMIT')
}

function now(): string {
  return String(performance.timeOrigin + performance.now())
}
