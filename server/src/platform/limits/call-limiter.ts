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

/** Counts calls. */
export interface CallLimits<Name extends string> {
  /** Counts one call of `caller` against the limit. */
  take(limit: Name, caller: string): Promise<CallLimitState>
  /** The same without counting. */
  peek(limit: Name, caller: string): Promise<CallLimitState>
}

interface Counter {
  count: number
  endsAt: number
}

/** What {@link createCallLimiter} can be told. */
export interface CallLimiterOptions {
  /** Which part of the points a caller has here; all unless told. */
  readonly share?: number
  readonly monotonicMs?: () => number
}

/** What `caller` is counted under: an address by {@link addressKey}. */
export function callerKey(caller: string): string {
  return caller.startsWith('ip:') ? `ip:${addressKey(caller.slice(3))}` : caller
}

/**
 * Counts calls per limit and caller in fixed windows, in the memory of this process. The time is the monotonic clock's, so that setting the machine's clock forgives nothing.
 */
export function createCallLimiter<Name extends string>(
  limits: Readonly<Record<Name, CallLimit>>,
  { monotonicMs = () => performance.now(), share = 1 }: CallLimiterOptions = {},
): CallLimits<Name> {
  const counters = new LRUCache<string, Counter>({ max: MAX_COUNTERS })

  const counterOf = (name: Name, caller: string): Counter => {
    const key = `${name} ${callerKey(caller)}`
    const now = monotonicMs()
    const known = counters.get(key)
    if (known !== undefined && known.endsAt > now) return known
    const counter = { count: 0, endsAt: now + limits[name].seconds * 1_000 }
    counters.set(key, counter)
    return counter
  }
  const stateOf = (name: Name, { count, endsAt }: Counter): CallLimitState => {
    const limit = Math.ceil(limits[name].points * share)
    return {
      allowed: count <= limit,
      limit,
      remaining: Math.max(0, limit - count),
      resetMs: Math.ceil(endsAt - monotonicMs()),
    }
  }

  return {
    async take(name, caller) {
      const counter = counterOf(name, caller)
      counter.count += 1
      return stateOf(name, counter)
    },
    peek: async (name, caller) => stateOf(name, counterOf(name, caller)),
  }
}
