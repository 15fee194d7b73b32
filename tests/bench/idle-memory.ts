import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Bench, BenchOptions, Report } from './bench.ts'
import { createBenchDatabase } from './support/database.ts'
import { residentMemoryMb } from './support/memory.ts'
import { type PlinthOptions, startPlinth } from './support/plinth.ts'
import { median, rounded } from './support/statistics.ts'

const TARGET_MB = 150
const SETTLED_AFTER_MS = 5_000

/** What a server takes that has nothing to do. */
export const idleMemory: Bench = {
  summary: `resident memory ${SETTLED_AFTER_MS / 1_000} s after the server is ready, idle`,
  run,
}

interface Reading {
  readonly serverMb: number
  /** The process of the embedded database; 0 without one. */
  readonly databaseMb: number
}

async function run({ quick }: BenchOptions): Promise<Report> {
  const rounds = quick ? 1 : 5
  await using database = await createBenchDatabase()
  const api = await measure({ databaseUrl: database.url, variables: { PLINTH_ROLE: 'api' } }, rounds)
  const all = await measure({ databaseUrl: undefined }, rounds)
  return reportOf(api, all)
}

/** The first start migrates, and compiles what later ones find compiled; it is not counted. */
async function measure(options: PlinthOptions, rounds: number): Promise<Reading[]> {
  await (await startPlinth(options))[Symbol.asyncDispose]()
  const readings: Reading[] = []
  for (let round = 0; round < rounds; round += 1) {
    await using server = await startPlinth(options)
    await delay(SETTLED_AFTER_MS)
    const { pid } = server.child
    readings.push({ serverMb: residentMemoryMb(pid), databaseMb: memoryOfChildren(pid) })
  }
  return readings
}

/** Linux only, as {@link residentMemoryMb}. */
function memoryOfChildren(pid: number | undefined): number {
  if (pid === undefined || process.platform !== 'linux') return Number.NaN
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  return children.reduce((sum, child) => sum + residentMemoryMb(Number(child)), 0)
}

function reportOf(api: readonly Reading[], all: readonly Reading[]): Report {
  const middle = median(api.map(({ serverMb }) => serverMb))
  return {
    tables: [
      {
        title: `Medians of ${api.length} starts`,
        columns: ['server', 'MB', 'its embedded database MB'],
        rows: [row('role api, PostgreSQL', api), row('everything, embedded database', all)],
      },
    ],
    notes: [
      'The first start of each is not counted: it migrates, and compiles what later ones find compiled.',
    ],
    targets: [
      {
        name: 'idle server of the role api',
        wanted: `under ${TARGET_MB} MB`,
        measured: `${Math.round(middle)} MB`,
        met: middle < TARGET_MB,
      },
    ],
    data: { api, all },
  }
}

function row(name: string, readings: readonly Reading[]): (string | number)[] {
  const of = (pick: (reading: Reading) => number) => rounded(median(readings.map(pick)), 1)
  return [name, of(({ serverMb }) => serverMb), of(({ databaseMb }) => databaseMb)]
}
