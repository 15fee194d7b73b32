import { mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { randomKey } from '../../random-key.ts'
import { exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'

/** Longer than anything that is done under a lock: a refresh gives up after 13 s. */
const STALE_MS = 30_000
const PATIENCE_MS = 40_000
const LOOK_EVERY_MS = 25

/** What this process does under locks at the moment. */
const underWay = new Set<Promise<unknown>>()

/** Resolves when nothing is done under a lock any more: what is half done must not end with the command. */
export async function locksReleased(): Promise<void> {
  while (underWay.size > 0) await Promise.allSettled(underWay)
}

/**
 * Runs `work` while no other process does so under the same file. A lock whose holder was killed is broken after 30 s.
 * @throws Failure when it cannot be had
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const whole = underLock(file, work).finally(() => underWay.delete(whole))
  underWay.add(whole)
  return await whole
}

async function underLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const mark = `${process.pid} ${randomKey()}`
  const giveUpAt = Date.now() + PATIENCE_MS
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  while (!(await create(file, mark))) {
    await breakStale(file)
    if (Date.now() > giveUpAt)
      throw new Failure(exitCodes.failed, `Another command holds ${file}.`, `If none runs, delete that file.`)
    await wait(LOOK_EVERY_MS * (0.5 + Math.random()))
  }
  try {
    return await work()
  } finally {
    // It may have been broken meanwhile, and be another's.
    if ((await textOf(file)) === mark) await rm(file, { force: true })
  }
}

async function create(file: string, mark: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600)
    try {
      await handle.writeFile(mark)
    } finally {
      await handle.close()
    }
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Removes a lock that is too old. Only one process does so at a time, or it could remove its successor. */
async function breakStale(file: string): Promise<void> {
  if (!(await isStale(file))) return
  const breaker = `${file}.breaking`
  if (!(await create(breaker, String(process.pid)))) {
    if (await isStale(breaker)) await rm(breaker, { force: true })
    return
  }
  try {
    if (await isStale(file)) await rm(file, { force: true })
  } finally {
    await rm(breaker, { force: true })
  }
}

async function isStale(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined)
  return found !== undefined && Date.now() - found.mtimeMs > STALE_MS
}

function textOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined)
}
