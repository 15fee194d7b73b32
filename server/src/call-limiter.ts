import type { Config } from './config/index.ts'
import type { CallLimiter } from './contract/call-context.ts'
import { limits } from './contract/limits.ts'
import type { Database } from './platform/database/index.ts'
import { createCallLimiter, createStoredCallLimiter } from './platform/limits/index.ts'
import type { RedisConnection } from './platform/redis/index.ts'

/** Counts calls where the configuration says. */
export function openCallLimiter(
  { limitsStore }: Pick<Config, 'limitsStore'>,
  database: Database,
  redis: RedisConnection | undefined,
  prefix: string,
): CallLimiter {
  if (limitsStore === 'postgres') return createStoredCallLimiter(limits, { kind: 'postgres', database })
  if (limitsStore === 'memory' || redis === undefined) return createCallLimiter(limits)
  return createStoredCallLimiter(limits, { kind: 'redis', redis, prefix })
}
