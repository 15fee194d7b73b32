import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { mutate } from '../support/http.ts'
import type { Bench, BenchOptions, Report } from './bench.ts'
import { createBenchDatabase } from './support/database.ts'
import { MEMORY_ARGS, readMemory } from './support/memory.ts'
import { succeeded } from './support/people.ts'
import { startPlinth } from './support/plinth.ts'
import { processorTimeMs } from './support/processor-time.ts'
import { type ServerProcess, startProcess } from './support/server-process.ts'
import { median, percentile, rounded } from './support/statistics.ts'
import { startSubscribers, type Target } from './support/subscribers.ts'
import { insertWatchers } from './support/watchers.ts'

const WANTED_P99_MS = 1_500
const WANTED_KB = 150
const ISSUER = 'http://127.0.0.1'

/** Two thousand open streams: what an event and what silence cost, beside a bare `node:http` server in the same run. */
export const streams: Bench = {
  summary: '2,000 open streams: delivery of an event, memory of an idle one, and all coming back at once',
  run,
}

/** A server with open streams, and how something is said to them. */
interface Contender {
  readonly name: string
  readonly server: ServerProcess
  readonly targets: (lastEventId?: string) => Target[]
  /** Says `Beat <beat>`; resolves when the server has it. */
  readonly say: (beat: number) => Promise<unknown>
  /** How many streams hear it. */
  readonly audience: number
}

interface Measured {
  readonly name: string
  readonly kBPerStream: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly processorMsPerDelivery: number
  readonly openedInMs: number
  readonly backInMs: number
}

async function run({ quick }: BenchOptions): Promise<Report> {
  const [count, beats] = quick ? [300, 5] : [2_000, 30]
  const results = [
    await bareServer(count, (contender) => measure(contender, count, beats)),
    await plinth(count, 1, (contender) => measure(contender, count, beats)),
    await plinth(count, count / 10, (contender) => measure(contender, count, beats)),
    await plinth(count, count / 10, (contender) => measure(contender, count, beats), 'another process'),
  ]
  return reportOf(results, count)
}

type Work = (contender: Contender) => Promise<Measured>

/** Streams of `count` users with a session each, who are members of `projects` projects. */
async function plinth(
  count: number,
  projects: number,
  work: Work,
  written: 'here' | 'another process' = 'here',
): Promise<Measured> {
  await using database = await createBenchDatabase()
  const secret = randomBytes(48).toString('base64')
  const options = { databaseUrl: database.url, variables: { JWT_SECRET: secret, PUBLIC_URL: ISSUER } }
  await using server = await startPlinth({ ...options, nodeArgs: MEMORY_ARGS })
  await using other = written === 'here' ? undefined : await startPlinth(options)
  const watchers = await insertWatchers(database.client, { secret, issuer: ISSUER }, count, projects)
  const port = Number(new URL(server.baseUrl).port)
  return await work({
    name: `Plinth, ${projects === 1 ? 'one project' : `${projects} projects`}${other === undefined ? '' : ', written by another process'}`,
    server,
    audience: count / projects,
    targets: (lastEventId) =>
      watchers.map(({ token, projectId }, number) => ({
        port,
        path: `/trpc/tasks.onChange?input=${encodeURIComponent(JSON.stringify({ projectId }))}`,
        headers: {
          authorization: `Bearer ${token}`,
          // Each at a machine of their own.
          'x-forwarded-for': `10.1.${number >> 8}.${number & 255}`,
          ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
        },
      })),
    async say(beat) {
      const { token, projectId } = watchers[beat % projects] ?? {}
      const input = { projectId, title: `Beat ${beat}` }
      succeeded(await mutate((other ?? server).baseUrl, 'tasks.create', input, { token }))
    },
  })
}

async function bareServer(count: number, work: Work): Promise<Measured> {
  await using server = await startProcess({
    args: [...MEMORY_ARGS, path.join(import.meta.dirname, 'bare-sse/main.ts')],
    env: {},
    readyPath: '/',
    ipc: true,
  })
  const port = Number(new URL(server.baseUrl).port)
  return await work({
    name: 'bare node:http',
    server,
    audience: count,
    targets: () => Array.from({ length: count }, () => ({ port, path: '/events', headers: {} })),
    async say(beat) {
      // As long as one of ours.
      const body = `Beat ${beat} ${'x'.repeat(500)}`
      await (await fetch(`${server.baseUrl}/say`, { method: 'POST', body })).text()
    },
  })
}

async function measure(contender: Contender, count: number, beats: number): Promise<Measured> {
  const { name, server, audience, say } = contender
  using subscribers = startSubscribers()
  const openAll = async (targets: readonly Target[]) => {
    const opened = await subscribers.open(targets)
    if (opened.statuses[200] !== count) throw new Error(`${name}: ${JSON.stringify(opened.statuses)}`)
    return opened
  }
  // A few first, so that what is loaded or compiled once is not counted as a stream's.
  await subscribers.open(contender.targets().slice(0, 20))
  await subscribers.drop()
  const before = await readMemory(server.child)
  const { ms: openedInMs } = await openAll(contender.targets())
  const idle = await readMemory(server.child)
  for (let beat = 0; beat < 5; beat += 1) await subscribers.hear(beat, audience, () => say(beat))
  const times: number[] = []
  const cpu = processorTimeMs(server.child.pid)
  for (let beat = 5; beat < 5 + beats; beat += 1)
    times.push(...(await subscribers.hear(beat, audience, () => say(beat))))
  const processorMs = processorTimeMs(server.child.pid) - cpu
  await subscribers.drop()
  const { ms: backInMs } = await openAll(contender.targets('0'))
  return {
    name,
    kBPerStream: (idle.rss - before.rss) / count / 1_024,
    p50Ms: median(times),
    p99Ms: percentile(times, 0.99),
    processorMsPerDelivery: processorMs / (beats * audience),
    openedInMs,
    backInMs,
  }
}

function reportOf(results: readonly Measured[], count: number): Report {
  const own = results.filter(({ name }) => name.startsWith('Plinth'))
  const slowest = Math.max(...own.map(({ p99Ms }) => p99Ms))
  const largest = Math.max(...own.map(({ kBPerStream }) => kBPerStream))
  return {
    tables: [
      {
        title: `${count} open streams`,
        columns: [
          'server',
          'kB per idle stream',
          'event p50 ms',
          'p99 ms',
          'CPU ms per delivery',
          'all opened in ms',
          'all back in ms',
        ],
        rows: results.map((found) => [
          found.name,
          rounded(found.kBPerStream, 1),
          rounded(found.p50Ms, 1),
          rounded(found.p99Ms, 1),
          rounded(found.processorMsPerDelivery, 4),
          Math.round(found.openedInMs),
          Math.round(found.backInMs),
        ]),
      },
    ],
    notes: [
      'An event is timed from the sending of the change to its arrival at each subscriber.',
      'The server, the subscribers and PostgreSQL share the machine.',
    ],
    targets: [
      {
        name: 'delivery p99',
        wanted: `${WANTED_P99_MS} ms`,
        measured: `${Math.round(slowest)} ms`,
        met: slowest <= WANTED_P99_MS,
      },
      {
        name: 'memory of an idle stream',
        wanted: `${WANTED_KB} kB`,
        measured: `${Math.round(largest)} kB`,
        met: largest <= WANTED_KB,
      },
    ],
    data: results,
  }
}
