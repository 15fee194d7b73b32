import { RateLimiterPostgres, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { Database } from '../database/index.ts'
import type { RedisConnection } from '../redis/index.ts'
import {
  type CallLimit,
  type CallLimitState,
  type CallLimits,
  callerKey,
  createCallLimiter,
} from './call-limiter.ts'
import { LIMITS_TABLE } from './limits-table.ts'

/** Where all processes count together. */
export type LimitStore =
  | { readonly kind: 'redis'; readonly redis: RedisConnection; readonly prefix: string }
  | { readonly kind: 'postgres'; readonly database: Pick<Database, 'pool'> }

/** Without their store the processes do not know of each other, so each grants less. */
const INSURED = 0.5

type Limiter = RateLimiterRedis | RateLimiterPostgres

/**
 * Counts calls per limit and caller in fixed windows, for all processes together: one command or statement per call, none
 * once a caller is over the limit. While the store is away each process counts for itself, to half the points: nothing
 * is ever uncounted.
 */
export function createStoredCallLimiter<Name extends string>(
  limits: Readonly<Record<Name, CallLimit>>,
  store: LimitStore,
): CallLimits<Name> {
  const insurance = createCallLimiter<Name>(limits, { share: INSURED })
  const limiters = new Map<string, Limiter>()

  const limiterOf = (name: Name): Limiter => {
    const limiter = limiters.get(name) ?? openLimiter(name, limits[name], store)
    limiters.set(name, limiter)
    return limiter
  }
  const isAway = (): boolean => store.kind === 'redis' && !store.redis.available()
  const stateOf = (name: Name, allowed: boolean, left: number, resetMs: number): CallLimitState => ({
    allowed,
    limit: limits[name].points,
    remaining: left,
    resetMs: Math.max(1, Math.ceil(resetMs)),
  })

  return {
    async take(name, caller) {
      if (isAway()) return await insurance.take(name, caller)
      try {
        const { remainingPoints, msBeforeNext } = await limiterOf(name).consume(callerKey(caller))
        return stateOf(name, true, remainingPoints, msBeforeNext)
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return stateOf(name, false, 0, refusal.msBeforeNext)
        return await insurance.take(name, caller)
      }
    },
    async peek(name, caller) {
      if (isAway()) return await insurance.peek(name, caller)
      try {
        const counted = await limiterOf(name).get(callerKey(caller))
        if (counted === null) return stateOf(name, true, limits[name].points, limits[name].seconds * 1_000)
        const { consumedPoints, remainingPoints, msBeforeNext } = counted
        return stateOf(name, consumedPoints <= limits[name].points, remainingPoints, msBeforeNext)
      } catch {
        return await insurance.peek(name, caller)
      }
    },
  }
}

function openLimiter(name: string, { points, seconds }: CallLimit, store: LimitStore): Limiter {
  const options = {
    points,
    duration: seconds,
    // Who is over the limit is refused from memory until the window ends.
    inMemoryBlockOnConsumed: points + 1,
  }
  return store.kind === 'redis'
    ? new RateLimiterRedis({
        ...options,
        keyPrefix: `${store.prefix}:${name}`,
        storeClient: store.redis.client,
        rejectIfRedisNotReady: true,
      })
    : new RateLimiterPostgres({
        ...options,
        keyPrefix: `call:${name}`,
        storeClient: store.database.pool,
        storeType: 'pool',
        tableName: LIMITS_TABLE,
        tableCreated: true,
        // The counters of attempts sweep the table they share.
        clearExpiredByTimeout: false,
      })
}
