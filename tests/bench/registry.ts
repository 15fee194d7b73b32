import { execFileSync } from 'node:child_process'
import path from 'node:path'
import type { Bench, BenchOptions, Report } from './bench.ts'
import { REPOSITORY } from './support/paths.ts'
import { median, rounded } from './support/statistics.ts'

const PROCEDURES = 1_000
const TARGET_MS = 300

/** What start-up does with the procedures of a large server, each time in a fresh process. */
export const registry: Bench = {
  summary: `the registry and the table of routes of ${PROCEDURES} procedures, in a fresh process`,
  run,
}

interface Times {
  readonly registry: number
  readonly routes: number
  readonly schemas: number
}

async function run({ quick }: BenchOptions): Promise<Report> {
  const rounds = Array.from({ length: quick ? 1 : 7 }, measure)
  const of = (pick: (times: Times) => number): number => rounded(median(rounds.map(pick)), 1)
  const start = of((times) => times.registry + times.routes)
  return {
    tables: [
      {
        title: `Median of ${rounds.length} processes`,
        columns: ['what', 'ms'],
        rows: [
          ['registryOf', of((times) => times.registry)],
          ['restRoutes', of((times) => times.routes)],
          ['every JSON Schema, when first asked for', of((times) => times.schemas)],
        ],
      },
    ],
    notes: [
      'Inputs of six fields, answers of a list of ten. Building the procedures themselves is not counted.',
    ],
    targets: [
      {
        name: 'registry and routes',
        wanted: `at most ${TARGET_MS} ms`,
        measured: `${start} ms`,
        met: start <= TARGET_MS,
      },
    ],
    data: rounds,
  }
}

function measure(): Times {
  const program = path.join(REPOSITORY, 'tests/bench/support/registry-process.ts')
  const times: unknown = JSON.parse(
    execFileSync(process.execPath, [program, String(PROCEDURES)], { encoding: 'utf8' }),
  )
  const read = (name: string): number => {
    const value: unknown = typeof times === 'object' && times !== null ? Reflect.get(times, name) : undefined
    if (typeof value !== 'number') throw new Error(`The process did not tell ${name}`)
    return value
  }
  return { registry: read('registry'), routes: read('routes'), schemas: read('schemas') }
}
