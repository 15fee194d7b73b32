import { setTimeout as delay } from 'node:timers/promises'

/**
 * Makes `work` take at least `ms`, also when it fails: calls that do more for accounts that exist would otherwise tell
 * by the time they take.
 */
export async function atLeast<T>(ms: number, work: () => Promise<T>): Promise<T> {
  const [outcome] = await Promise.allSettled([work(), delay(ms)])
  if (outcome.status === 'rejected') throw outcome.reason
  return outcome.value
}
