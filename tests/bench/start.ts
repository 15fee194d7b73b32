import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Bench, BenchOptions, Report } from './bench.ts'
import { npmStart } from './support/npm-start.ts'
import { REPOSITORY } from './support/paths.ts'
import { median, rounded } from './support/statistics.ts'

const TARGET_MS = 2_000

/** `npm start` on a checkout that is set up, with the embedded database. */
export const start: Bench = {
  summary: '`npm start` to /readyz 200, everything installed, embedded database',
  run,
}

async function run({ quick }: BenchOptions): Promise<Report> {
  const data = await mkdtemp(path.join(tmpdir(), 'plinth-bench-start-'))
  try {
    const first = await npmStart({ checkout: REPOSITORY, data })
    const warm: number[] = []
    for (let round = 0; round < (quick ? 1 : 5); round += 1) {
      warm.push(await npmStart({ checkout: REPOSITORY, data }))
    }
    return reportOf(first, warm)
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}

function reportOf(first: number, warm: readonly number[]): Report {
  const middle = median(warm)
  const seconds = (ms: number) => rounded(ms / 1_000, 2)
  return {
    tables: [
      {
        title: `Warm: median of ${warm.length}`,
        columns: ['start', 'seconds'],
        rows: [
          ['first, with a new database', seconds(first)],
          ['warm', seconds(middle)],
          ['slowest warm', seconds(Math.max(...warm))],
        ],
      },
    ],
    targets: [
      {
        name: 'warm start',
        wanted: `under ${TARGET_MS / 1_000} s`,
        measured: `${seconds(middle)} s`,
        met: middle < TARGET_MS,
      },
    ],
    data: { firstMs: first, warmMs: warm },
  }
}
