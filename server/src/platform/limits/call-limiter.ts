import { LRUCache } from 'lru-cache'
import { addressKey } from './address-key.ts'

/** Callers that are counted at once; the one not seen for longest is forgotten first. */
const MAX_COUNTERS = 100_000

/** How many calls a caller has in a window. */
export interface CallLimit {
  readonly points: number
  readonly seconds: number
}

/** Where a caller stands after a call was counted. */
export interface CallLimitState {
  readonly allowed: boolean
  readonly limit: number
  readonly remaining: number
  readonly resetMs: number
}

interface Counter {
  count: number
  endsAt: number
}

/**
 * Counts calls per limit and caller in fixed windows, in the memory of this process. Addresses (`ip:…`) count by
 * {@link addressKey}. The time is the monotonic clock's, so that setting the machine's clock forgives nothing.
 */
export function createCallLimiter<Name extends string>(
  limits: Readonly<Record<Name, CallLimit>>,
  monotonicMs: () => number = () => performance.now(),
): { take(limit: Name, caller: string): Promise<CallLimitState> } {
  const counters = new LRUCache<string, Counter>({ max: MAX_COUNTERS })
  return {
    async take(name, caller) {
      const { points, seconds } = limits[name]
      const key = `${name} ${caller.startsWith('ip:') ? `ip:${addressKey(caller.slice(3))}` : caller}`
      const now = monotonicMs()
      let counter = counters.get(key)
      if (counter === undefined || counter.endsAt <= now) {
        counter = { count: 0, endsAt: now + seconds * 1_000 }
        counters.set(key, counter)
      }
      counter.count += 1
      return {
        allowed: counter.count <= points,
        limit: points,
        remaining: Math.max(0, points - counter.count),
        resetMs: Math.ceil(counter.endsAt - now),
      }
    },
  }
}
