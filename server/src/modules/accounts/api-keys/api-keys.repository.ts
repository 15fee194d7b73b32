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

/** Locks the user's row until commit, so that keys of one user are made one after the other. */
export async function lockOwner(db: Db, userId: string): Promise<void> {
  await db.$queryRaw`SELECT 1 FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`
}

/** Ends a user's key; false when there is none. */
export async function revokeKey(db: Db, userId: string, id: string, now: Date): Promise<boolean> {
  const { count } = await db.apiKey.updateMany({
    where: { id, userId, revokedAt: null },
    data: { revokedAt: now },
  })
  return count === 1
}
