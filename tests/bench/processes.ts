import { readFileSync } from 'node:fs'
import type { Bench, BenchOptions, Report } from './bench.ts'
import { type Peer, requestsOf } from './peers/peer.ts'
import { plinthPeer } from './peers/plinth-peer.ts'
import { createSeededDatabase, createWorld } from './peers/world.ts'
import { type LoadRequest, load } from './support/load.ts'
import { processorShares } from './support/processor-share.ts'
import { processorTimeMs } from './support/processor-time.ts'
import type { ServerProcess } from './support/server-process.ts'
import { median, rounded } from './support/statistics.ts'
import type { Table } from './support/table.ts'

const TARGET = 1.7
const CONNECTIONS = 32
/** Of a processor, for each server: two of them leave enough to the database and the load on a machine with two. */
const SHARE = 0.25
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
  // Before the servers, because it is given back after they have ended.
  await using held = new AsyncDisposableStack()
  await using first = await peer.start(database.url)
  await using second = await peer.start(database.url)
  const requests = await requestsOf(peer, 'list', world.callers)
  await measure([first, second], requests, seconds)
  const turns = async (): Promise<Turns> => {
    const taken: Turns = { one: [], two: [] }
    for (let round = 0; round < (quick ? 1 : 5); round += 1) {
      taken.one.push(await measure([first], requests, seconds))
      taken.two.push(await measure([first, second], requests, seconds))
    }
    return taken
  }
  const free = await turns()
  const shares = processorShares(SHARE)
  if (shares === undefined) return reportOf(free, undefined)
  held.use(shares)
  for (const { child } of [first, second]) if (child.pid !== undefined) shares.hold(child.pid)
  return reportOf(free, await turns())
}

/** Rounds of one process and of two, in turns. */
interface Turns {
  readonly one: Round[]
  readonly two: Round[]
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

function reportOf(free: Turns, held: Turns | undefined): Report {
  const gain = gainOf(held ?? free)
  const shareText = `each process held to ${SHARE} of a processor`
  return {
    tables: [tableOf('free', free), ...(held === undefined ? [] : [tableOf(shareText, held)])],
    notes: [
      'PostgreSQL and the load run on the same machine. Where everything keeps as many processors busy as there are,',
      held === undefined
        ? 'a second process has nothing to run on. Run it as root on Linux to have each process held to a share.'
        : `a second process has nothing to run on; therefore the target is that of ${shareText}.`,
    ],
    targets: [
      {
        name: `requests of two processes${held === undefined ? '' : `, ${shareText}`}`,
        wanted: `at least ${TARGET} times those of one`,
        measured: `${rounded(gain, 2)} times`,
        met: gain >= TARGET,
      },
    ],
    data: { free, held },
  }
}

function gainOf({ one, two }: Turns): number {
  return medianOf(two, 'perSecond') / medianOf(one, 'perSecond')
}

function tableOf(how: string, { one, two }: Turns): Table {
  return {
    title: `Medians of ${one.length} rounds, ${CONNECTIONS} connections in all, ${how}`,
    columns: [
      'API processes',
      'requests/s',
      'p99 ms',
      'CPU ms per request',
      'processors busy: servers',
      'everything',
    ],
    rows: [row(1, one), row(2, two)],
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
