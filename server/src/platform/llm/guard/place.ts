import type { WorkQueue } from '../../limits/index.ts'

/**
 * Waits for a place in `queue`, and returns how to give it back.
 * @throws WorkQueueFullError; the reason of `signal` when it aborts before
 */
export async function takePlace(queue: WorkQueue, signal: AbortSignal): Promise<() => void> {
  const taken = Promise.withResolvers<void>()
  const given = Promise.withResolvers<void>()
  queue
    .run(() => {
      taken.resolve()
      return given.promise
    }, signal)
    .catch(taken.reject)
  await taken.promise
  return given.resolve
}
