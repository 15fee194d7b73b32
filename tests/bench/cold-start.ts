import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Bench, Report } from './bench.ts'
import { npmStart } from './support/npm-start.ts'
import { REPOSITORY } from './support/paths.ts'
import { rounded } from './support/statistics.ts'

const TARGET_MS = 90_000
const CLONE_LIMIT_MS = 60_000

/** `npm start` on a fresh clone of what is committed, with empty caches. Downloads everything, so only when named. */
export const coldStart: Bench = {
  summary: '`npm start` to /readyz 200 on a fresh clone with empty caches',
  onlyWhenNamed: true,
  run,
}

async function run(): Promise<Report> {
  const folder = await mkdtemp(path.join(tmpdir(), 'plinth-bench-cold-'))
  try {
    const checkout = path.join(folder, 'clone')
    await promisify(execFile)('git', ['clone', '--quiet', REPOSITORY, checkout], { timeout: CLONE_LIMIT_MS })
    const caches = path.join(folder, 'caches')
    const took = await npmStart({
      checkout,
      data: path.join(folder, 'data'),
      variables: {
        npm_config_cache: path.join(caches, 'npm'),
        XDG_CACHE_HOME: path.join(caches, 'cache'),
        XDG_DATA_HOME: path.join(caches, 'data'),
        XDG_STATE_HOME: path.join(caches, 'state'),
      },
    })
    return reportOf(took)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function reportOf(took: number): Report {
  const seconds = rounded(took / 1_000, 1)
  return {
    tables: [{ title: 'Cold, once', columns: ['start', 'seconds'], rows: [['cold', seconds]] }],
    targets: [
      {
        name: 'cold start',
        wanted: `under ${TARGET_MS / 1_000} s`,
        measured: `${seconds} s`,
        met: took < TARGET_MS,
      },
    ],
    data: { coldMs: took },
  }
}
