import { setTimeout as delay } from 'node:timers/promises'
import { isUnavailable } from './errors.ts'

/** A database that restarts is back by then. */
const PAUSES_MS = [200, 500, 1_000, 2_000, 4_000]

/**
 * Does `work` again while the database is away, for about eight seconds: for what would have to be repeated if it were
 * not written down. `work` may have been done when it fails, so it must bear repetition.
 * @throws whatever `work` throws last
 */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await work()
    } catch (error) {
      if (!isUnavailable(error)) throw error
      await delay(pause)
    }
  }
  return await work()
}
