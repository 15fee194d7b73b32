import { DatabaseSync } from 'node:sqlite'

const SQLITE_BUSY = 5

/**
 * Takes the lock file for this process until it ends, however it ends, waiting at most `waitMs`; false if another
 * process has it. SQLite is used for nothing but its portable file lock: the operating system drops that with the
 * process, so there is no stale lock to judge and no process number to mistake.
 */
export function takeLock(path: string, waitMs: number): boolean {
  const file = new DatabaseSync(path, { timeout: waitMs })
  try {
    file.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    file.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return false
    throw error
  }
  held.add(file)
  return true
}

/** Kept from the garbage collector, which would close the file and with it drop the lock. */
const held = new Set<DatabaseSync>()
