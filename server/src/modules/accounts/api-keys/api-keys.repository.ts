import type { Db, Prisma } from '../../../platform/database/index.ts'
import { newestFirst, type RowSlice } from '../paging.ts'

const select = {
  id: true,
  name: true,
  prefix: true,
  scopes: true,
  expiresAt: true,
  lastUsedAt: true,
  createdAt: true,
} as const satisfies Prisma.ApiKeySelect

/** A key's row without its hash. */
export type ApiKeyRow = Prisma.ApiKeyGetPayload<{ select: typeof select }>

/** A key to be stored. */
export type NewApiKeyRow = Pick<
  Prisma.ApiKeyUncheckedCreateInput,
  'userId' | 'name' | 'prefix' | 'keyHash' | 'expiresAt' | 'createdAt'
> & { readonly scopes: string[] }

/** Stores a key. */
export async function insertKey(db: Db, key: NewApiKeyRow): Promise<ApiKeyRow> {
  return await db.apiKey.create({ data: key, select })
}

/** Part of a user's keys that were not revoked, newest first. */
export async function listKeys(db: Db, userId: string, slice: RowSlice): Promise<ApiKeyRow[]> {
  return await db.apiKey.findMany({ ...newestFirst(slice, { userId, revokedAt: null }), select })
}

/** How many keys a user has that were not revoked. */
export async function countKeys(db: Db, userId: string): Promise<number> {
  return await db.apiKey.count({ where: { userId, revokedAt: null } })
}

/**
 * Locks the user's row until commit, so that keys of one user are made one after the other, and never beside a change
 * of the password that is to end them all. False when the user is suspended or deleted.
 */
export async function lockOwner(db: Db, userId: string): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM users WHERE id = ${userId}::uuid AND suspended_at IS NULL AND deleted_at IS NULL
    FOR NO KEY UPDATE`
  return rows.length === 1
}

/** How many keys a user has, and whether their session goes on; asked after {@link lockOwner}, so it stays true. */
export async function countKeysInSession(
  db: Db,
  session: { readonly userId: string; readonly id: string; readonly now: Date },
): Promise<{ keys: number; live: boolean }> {
  const { userId, id, now } = session
  const rows = await db.$queryRaw<{ keys: number; live: boolean }[]>`
    SELECT
      (SELECT count(*)::int FROM api_keys WHERE user_id = ${userId}::uuid AND revoked_at IS NULL) AS keys,
      EXISTS (SELECT 1 FROM sessions WHERE id = ${id}::uuid AND user_id = ${userId}::uuid
        AND revoked_at IS NULL AND expires_at > ${now}) AS live`
  return rows[0] ?? { keys: 0, live: false }
}

/** Ends a user's key; false when there is none. */
export async function revokeKey(db: Db, userId: string, id: string, now: Date): Promise<boolean> {
  const { count } = await db.apiKey.updateMany({
    where: { id, userId, revokedAt: null },
    data: { revokedAt: now },
  })
  return count === 1
}
