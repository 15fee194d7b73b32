import type { Db } from '../../../platform/database/index.ts'

/** A key as it is kept. */
export interface NewKey {
  readonly userId: string
  readonly provider: string
  readonly sealed: Uint8Array<ArrayBuffer>
  readonly lastFour: string
  readonly baseUrl: string | null
}

/** Keeps a key, in place of the one there was. */
export async function upsertKey(db: Db, key: NewKey, now: Date): Promise<{ id: string; updatedAt: Date }> {
  const { userId, provider, ...data } = key
  return await db.providerKey.upsert({
    where: { userId_provider: { userId, provider } },
    create: { ...key, createdAt: now, updatedAt: now },
    update: { ...data, updatedAt: now },
    select: { id: true, updatedAt: true },
  })
}

/** Forgets a key; its id, or null when there is none. */
export async function deleteKey(db: Db, userId: string, provider: string): Promise<string | null> {
  const where = { userId, provider }
  const key = await db.providerKey.findFirst({ where, select: { id: true } })
  if (key === null) return null
  await db.providerKey.deleteMany({ where })
  return key.id
}
