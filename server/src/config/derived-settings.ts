import path from 'node:path'
import type { Environment } from './schema.ts'

/** The settings whose default follows from other settings, as they are in force. Absolute paths; no trailing slash. */
export function derivedSettings(env: Environment) {
  const development = env.NODE_ENV === 'development'
  return {
    PUBLIC_URL: (env.PUBLIC_URL ?? `http://localhost:${env.PORT}`).replace(/\/+$/, ''),
    PLINTH_SEED: env.PLINTH_SEED ?? development,
    DRAIN_DELAY_MS: env.DRAIN_DELAY_MS ?? (env.NODE_ENV === 'production' ? 5_000 : 0),
    LOG_FORMAT: env.LOG_FORMAT ?? (development ? ('pretty' as const) : ('json' as const)),
    LIMITS_STORE:
      env.LIMITS_STORE ?? (env.REDIS_URL === undefined ? ('memory' as const) : ('redis' as const)),
    STORAGE_DIRECTORY: path.resolve(env.STORAGE_DIRECTORY ?? path.join(env.PLINTH_DATA, 'storage')),
  }
}
