import { setTimeout as delay } from 'node:timers/promises'
import { percentile, rounded } from './statistics.ts'

/** How long calls took that were sent at a steady pace. */
export interface ProbeResult {
  readonly calls: number
  readonly medianMs: number
  readonly p99Ms: number
  readonly maxMs: number
}

/**
 * Calls `call` `perSecond` times a second until `done` settles, whether or not earlier calls have been answered. The
 * time of a call runs from when it was due, so that a stall counts for every call it held up.
 * @throws what a call throws
 */
export async function probe(
  call: () => Promise<unknown>,
  perSecond: number,
  done: Promise<unknown>,
): Promise<ProbeResult> {
  let over = false
  const end = () => {
    over = true
  }
  done.then(end, end)
  const times: number[] = []
  const calls: Promise<void>[] = []
  const began = performance.now()
  for (let number = 0; !over; number += 1) {
    const due = began + (number * 1_000) / perSecond
    const early = due - performance.now()
    if (early > 0) await delay(early)
    calls.push(
      call().then(() => {
        times.push(performance.now() - due)
      }),
    )
  }
  await Promise.all(calls)
  return {
    calls: times.length,
    medianMs: rounded(percentile(times, 0.5), 1),
    p99Ms: rounded(percentile(times, 0.99), 1),
    maxMs: rounded(Math.max(...times), 1),
  }
}
