import { addressKey } from '../platform/limits/index.ts'
import { fail, failBecause } from './errors.ts'

/** How many streams may be open at once in this process. */
export interface StreamCaps {
  readonly perUser: number
  readonly perAddress: number
  readonly perProcess: number
}

/** Who opens a stream. */
export interface StreamOwner {
  readonly userId: string | undefined
  readonly ip: string | undefined
}

/** Counts open streams, so that refusing one costs nothing. */
export interface StreamSlots {
  /**
   * Takes a place and returns how to give it back (safe to call twice).
   * @throws TOO_MANY_REQUESTS for the user's or address's cap, SERVICE_UNAVAILABLE (OVERLOADED) for the process's
   */
  take(owner: StreamOwner): () => void
  /** How many are open now. */
  open(): number
}

/** Builds the counter of one process. @param what it counts, for those who are refused */
export function createStreamSlots(caps: StreamCaps, what = 'streams'): StreamSlots {
  const counts = new Map<string, number>()
  let total = 0
  const add = (key: string, delta: number): void => {
    const next = (counts.get(key) ?? 0) + delta
    if (next === 0) counts.delete(key)
    else counts.set(key, next)
  }
  return {
    open: () => total,
    take(owner) {
      const keys: [string, number][] = [[`ip:${addressKey(owner.ip)}`, caps.perAddress]]
      if (owner.userId !== undefined) keys.push([`user:${owner.userId}`, caps.perUser])
      if (total >= caps.perProcess) throw failBecause('OVERLOADED', { retryAfterMs: 5_000 })
      for (const [key, cap] of keys) {
        if ((counts.get(key) ?? 0) < cap) continue
        throw fail('TOO_MANY_REQUESTS', {
          message: `At most ${cap} ${what} at once; close one.`,
          retryAfterMs: 5_000,
        })
      }
      for (const [key] of keys) add(key, 1)
      total += 1
      let released = false
      return () => {
        if (released) return
        released = true
        for (const [key] of keys) add(key, -1)
        total -= 1
      }
    },
  }
}
