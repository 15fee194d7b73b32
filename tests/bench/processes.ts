import { readFileSync } from 'node:fs'
import type { Bench, BenchOptions, Report } from './bench.ts'
import { type Peer, requestsOf } from './peers/peer.ts'
import { plinthPeer } from './peers/plinth-peer.ts'
import { createSeededDatabase, createWorld } from './peers/world.ts'
import { type LoadRequest, load } from './support/load.ts'
import { processorTimeMs } from './support/processor-time.ts'
import type { ServerProcess } from './support/server-process.ts'
import { median, rounded } from './support/statistics.ts'

const TARGET = 1.7
const CONNECTIONS = 32
/** Linux counts in hundredths of a second. */
const MS_PER_TICK = 10

/** Whether a second process on the same database doubles what is served. */
export const processes: Bench = {
  summary: 'tasks.list of one API process, and of two on one database, loaded side by side',
  run,
}

interface Round {
  readonly perSecond: number
  readonly p99Ms: number
  /** Of all servers, per request. */
  readonly processorMs: number
  /** Processors kept busy by the servers, and by everything on this machine. */
  readonly serversBusy: number
  readonly machineBusy: number
}

async function run({ quick }: BenchOptions): Promise<Report> {
  const seconds = quick ? 1 : 6
  const world = createWorld()
  await using database = await createSeededDatabase(world)
  const peer: Peer = plinthPeer(world, 'plinth')
  await using first = await peer.start(database.url)
  await using second = await peer.start(database.url)
  const requests = await requestsOf(peer, 'list', world.callers)
  await measure([first, second], requests, seconds)
  const one: Round[] = []
  const two: Round[] = []
  for (let round = 0; round < (quick ? 1 : 5); round += 1) {
    one.push(await measure([first], requests, seconds))
    two.push(await measure([first, second], requests, seconds))
  }
  return reportOf(one, two)
}

/** The same connections and requests, shared out among the servers; each has a process that loads it. */
async function measure(
  servers: readonly ServerProcess[],
  requests: readonly LoadRequest[],
  seconds: number,
): Promise<Round> {
  const spentBefore = spentBy(servers)
  const busyBefore = machineBusyMs()
  const began = performance.now()
  const results = await Promise.all(
    servers.map(({ baseUrl }, number) =>
      load({
        baseUrl,
        connections: CONNECTIONS / servers.length,
        seconds,
        // Every user stays with one server, whose count of their calls is its own.
        requests: requests.filter((_request, index) => index % servers.length === number),
      }),
    ),
  )
  const tookMs = performance.now() - began
  const spent = spentBy(servers) - spentBefore
  return {
    perSecond: results.reduce((sum, { perSecond }) => sum + perSecond, 0),
    p99Ms: Math.max(...results.map(({ p99Ms }) => p99Ms)),
    processorMs: spent / results.reduce((sum, { answers }) => sum + answers, 0),
    serversBusy: spent / tookMs,
    machineBusy: (machineBusyMs() - busyBefore) / tookMs,
  }
}

function spentBy(servers: readonly ServerProcess[]): number {
  return servers.reduce((sum, { child }) => sum + processorTimeMs(child.pid), 0)
}

/** Processor time of the whole machine that was not idle (man 5 proc), in milliseconds; NaN outside Linux. */
function machineBusyMs(): number {
  if (process.platform !== 'linux') return Number.NaN
  const [, user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'utf8').split(/\s+/)
  return [user, nice, system, irq, softirq].reduce((sum, ticks) => sum + Number(ticks), 0) * MS_PER_TICK
}

function reportOf(one: readonly Round[], two: readonly Round[]): Report {
  const gain = medianOf(two, 'perSecond') / medianOf(one, 'perSecond')
  return {
    tables: [
      {
        title: `Medians of ${one.length} rounds, ${CONNECTIONS} connections in all`,
        columns: [
          'API processes',
          'requests/s',
          'p99 ms',
          'CPU ms per request',
          'processors busy: servers',
          'everything',
        ],
        rows: [row(1, one), row(2, two)],
      },
    ],
    notes: [
      'PostgreSQL and the load run on the same machine. Where everything keeps as many processors busy as there are,',
      'a second process has nothing to run on: then only the processor time per request says what it costs to have two.',
    ],
    targets: [
      {
        name: 'requests of two processes',
        wanted: `at least ${TARGET} times those of one`,
        measured: `${rounded(gain, 2)} times`,
        met: gain >= TARGET,
      },
    ],
    data: { one, two },
  }
}

function row(name: number, rounds: readonly Round[]): number[] {
  return [
    name,
    Math.round(medianOf(rounds, 'perSecond')),
    rounded(medianOf(rounds, 'p99Ms'), 1),
    rounded(medianOf(rounds, 'processorMs'), 3),
    rounded(medianOf(rounds, 'serversBusy'), 2),
    rounded(medianOf(rounds, 'machineBusy'), 2),
  ]
}

function medianOf(rounds: readonly Round[], field: keyof Round): number {
  return median(rounds.map((round) => round[field]))
}
