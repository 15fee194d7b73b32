import { type Load, load } from './load.ts'
import { residentMemoryMb } from './memory.ts'
import { processorTimeMs } from './processor-time.ts'
import type { ServerProcess } from './server-process.ts'
import { median, rounded } from './statistics.ts'
import type { Table } from './table.ts'

const CONNECTIONS = 32
/** A server is warm when a round is not so many times as fast as the one before, and after so many rounds. */
const STILL_FASTER = 1.05
const MOST_WARM_UPS = 5

/** A server that takes part, and what it is asked. */
export interface Contender {
  readonly name: string
  readonly server: Pick<ServerProcess, 'baseUrl' | 'child'>
  readonly requests: Load['requests']
}

/** One server's turn. */
export interface Round {
  readonly name: string
  readonly perSecond: number
  readonly medianMs: number
  readonly p99Ms: number
  /** Of the server's process with all its threads, per request; not of the database. */
  readonly processorMs: number
  /** What the process holds when the load ends (resident set), in MB; NaN outside Linux. */
  readonly memoryMb: number
}

/** How long, how often and how hard. */
export interface Turns {
  readonly rounds: number
  readonly seconds: number
  /** 32 unless given. */
  readonly connections?: number | undefined
}

/** Warms every server up, then loads them in turns, so that what else the machine does meets all alike. */
export async function measureRounds(contenders: readonly Contender[], turns: Turns): Promise<Round[]> {
  const measured: Round[] = []
  for (const contender of contenders) await untilWarm(() => turn(contender, turns))
  for (let round = 0; round < turns.rounds; round += 1) {
    for (const contender of contenders) measured.push(await turn(contender, turns))
  }
  return measured
}

/**
 * Takes turns at a server until it gets no faster: the more code a server has, the longer it takes to be compiled. What
 * is measured is how servers run for days.
 */
export async function untilWarm(take: () => Promise<Pick<Round, 'perSecond'>>): Promise<void> {
  let best = 0
  for (let round = 0; round < MOST_WARM_UPS; round += 1) {
    const { perSecond } = await take()
    if (perSecond < best * STILL_FASTER) return
    best = perSecond
  }
}

async function turn(
  { name, server, requests }: Contender,
  { seconds, connections = CONNECTIONS }: Turns,
): Promise<Round> {
  const before = processorTimeMs(server.child.pid)
  const work = { baseUrl: server.baseUrl, connections, seconds, requests }
  const result = await load(work).catch((cause: unknown) => {
    throw new Error(`${name} did not stand the load`, { cause })
  })
  const spent = processorTimeMs(server.child.pid) - before
  return {
    name,
    ...result,
    processorMs: spent / result.answers,
    memoryMb: residentMemoryMb(server.child.pid),
  }
}

/** The medians of each server, in the order they were measured, and a table of them. */
export function describeRounds(rounds: readonly Round[]): { table: Table; medians: Round[] } {
  const names = [...new Set(rounds.map(({ name }) => name))]
  const medians = names.map((name) => {
    const own = rounds.filter((round) => round.name === name)
    return {
      name,
      perSecond: median(own.map((round) => round.perSecond)),
      medianMs: median(own.map((round) => round.medianMs)),
      p99Ms: median(own.map((round) => round.p99Ms)),
      processorMs: median(own.map((round) => round.processorMs)),
      memoryMb: median(own.map((round) => round.memoryMb)),
    }
  })
  const turns = rounds.length / names.length
  return {
    medians,
    table: {
      title: `Medians of ${turns} rounds, ${CONNECTIONS} connections`,
      columns: ['server', 'requests/s', 'p50 ms', 'p99 ms', 'CPU ms per request'],
      rows: medians.map((row) => [
        row.name,
        Math.round(row.perSecond),
        rounded(row.medianMs, 1),
        rounded(row.p99Ms, 1),
        rounded(row.processorMs, 3),
      ]),
    },
  }
}
