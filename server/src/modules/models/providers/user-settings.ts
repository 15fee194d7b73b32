import { z } from 'zod'
import type { Cache, CacheOptions } from '../../../platform/cache/index.ts'
import { type Database, query } from '../../../platform/database/index.ts'
import { sqlValues } from '../../../platform/pagination/sql-values.ts'
import { profileTag } from '../../accounts/index.ts'

const StoredKey = z.object({
  id: z.string(),
  provider: z.string(),
  /** Sealed, base64. */
  sealed: z.string(),
  lastFour: z.string(),
  baseUrl: z.string().nullable(),
  updatedAt: z.string(),
})

/** A user's own key as it is kept: sealed. */
export type StoredKey = z.infer<typeof StoredKey>

const UserSettings = z.object({ preferredProvider: z.string().nullable(), keys: z.array(StoredKey) })

/** What a user has said about models. */
export type UserSettings = z.infer<typeof UserSettings>

/** Ends what processes know of a user's keys. */
export function keysTag(userId: string): string {
  return `models.keys ${userId}`
}

/** Reads what users have said about models; a warm look makes no round trip. */
export type ReadUserSettings = (userId: string) => Promise<UserSettings>

/** Builds a {@link ReadUserSettings}. */
export function createUserSettings(deps: {
  readonly database: Pick<Database, 'pool'>
  readonly cache: Cache
}): ReadUserSettings {
  const { database, cache } = deps
  return async (userId) => {
    const options: CacheOptions<UserSettings> = {
      schema: UserSettings,
      ttlMs: 5 * 60_000,
      tags: [keysTag(userId), profileTag(userId)],
    }
    return await cache.cached(`models.settings ${userId}`, options, () => read(database, userId))
  }
}

async function read(database: Pick<Database, 'pool'>, userId: string): Promise<UserSettings> {
  const values = sqlValues()
  const text = `
    SELECT u.preferred_provider AS "preferredProvider", coalesce((
      SELECT json_agg(json_build_object('id', k.id, 'provider', k.provider, 'sealed',
        encode(k.sealed, 'base64'), 'lastFour', k.last_four, 'baseUrl', k.base_url, 'updatedAt',
        to_char(k.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY k.provider)
      FROM provider_keys k WHERE k.user_id = u.id), '[]') AS keys
    FROM users u WHERE u.id = ${values.bind(userId, 'uuid')}`
  const [row] = await query<UserSettings>(database, values.statement(text))
  return row ?? { preferredProvider: null, keys: [] }
}
