import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { TOOLS } from './paths.mjs'
import { LauncherError, say } from './report.mjs'

const WAIT_LIMIT_MS = 5 * 60 * 1000
const POLL_MS = 200
/** A holder writes its id right after making the folder; one without an id for this long died in between. */
const UNNAMED_LIMIT_MS = 5000

/**
 * Runs `work` while no other start in this working copy runs its own; waits up to five minutes for its turn.
 * A lock left by a process that is gone is taken over.
 *
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withSetupLock(work) {
  const folder = join(TOOLS, 'setup.lock')
  await mkdir(TOOLS, { recursive: true })
  await acquire(folder)
  try {
    return await work()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** @param {string} folder */
async function acquire(folder) {
  const started = performance.now()
  let announced = false
  let unnamedSince = started
  for (;;) {
    if (await tryMake(folder)) return
    const holder = await readHolder(folder)
    if (holder !== undefined) unnamedSince = performance.now()
    const abandoned =
      holder === undefined ? performance.now() - unnamedSince > UNNAMED_LIMIT_MS : !isAlive(holder)
    if (abandoned) {
      await rm(folder, { recursive: true, force: true })
      continue
    }
    if (performance.now() - started > WAIT_LIMIT_MS) {
      throw new LauncherError(
        `Another start (process ${holder}) has been setting up for over five minutes.`,
        {
          next: `End it, or delete ${folder} if it is not there any more, and try again.`,
        },
      )
    }
    if (!announced) say(`… waiting for another start (process ${holder}) to finish setting up`)
    announced = true
    await delay(POLL_MS)
  }
}

/**
 * @param {string} folder
 * @returns {Promise<boolean>}
 */
async function tryMake(folder) {
  try {
    await mkdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
  await writeFile(join(folder, 'pid'), String(process.pid))
  return true
}

/**
 * @param {string} folder
 * @returns {Promise<number | undefined>}
 */
async function readHolder(folder) {
  const text = await readFile(join(folder, 'pid'), 'utf8').catch(() => '')
  return text === '' ? undefined : Number(text)
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
