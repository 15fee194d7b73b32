import { createHash } from 'node:crypto'
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import type { Database } from '../database/index.ts'
import { LIMITS_TABLE } from './limits-table.ts'

/** How many attempts there are before one has to wait. */
export interface AttemptLimit {
  /** What is counted; part of the key. */
  readonly name: string
  readonly attempts: number
  readonly seconds: number
}

/** Whether an attempt may go on; if not, when the next may. */
export type Attempt = { readonly allowed: true } | { readonly allowed: false; readonly retryAfterMs: number }

/** Counts attempts at something that must not be guessed. Counting is atomic: of a burst no more pass than allowed. */
export interface AttemptLimiter {
  /** Takes an attempt, before it is known how it ends. */
  take(key: string): Promise<Attempt>
  /** Gives one attempt back that was no guess. */
  giveBack(key: string): Promise<void>
  /** Forgets all attempts. */
  reset(key: string): Promise<void>
}

/**
 * Counts in the database where several processes may share one, else in memory. Keys are hashed: they hold addresses
 * of people.
 */
export function createAttemptLimiter(
  database: Pick<Database, 'kind' | 'pool'>,
  { name, attempts, seconds }: AttemptLimit,
): AttemptLimiter {
  const options = { keyPrefix: name, points: attempts, duration: seconds }
  const limiter =
    database.kind === 'embedded'
      ? new RateLimiterMemory(options)
      : new RateLimiterPostgres({
          ...options,
          storeClient: database.pool,
          storeType: 'pool',
          tableName: LIMITS_TABLE,
          tableCreated: true,
          clearExpiredByTimeout: true,
        })
  return {
    async take(key) {
      try {
        await limiter.consume(hashed(key))
        return { allowed: true }
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal
        return { allowed: false, retryAfterMs: Math.max(1, refusal.msBeforeNext) }
      }
    },
    async giveBack(key) {
      await limiter.reward(hashed(key))
    },
    async reset(key) {
      await limiter.delete(hashed(key))
    },
  }
}

function hashed(key: string): string {
  return createHash('sha256').update(key).digest('base64url')
}
