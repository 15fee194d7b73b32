import type { Db } from '../../../platform/database/index.ts'
import { type UserRow, userSelect } from '../users/users.repository.ts'

/** What a link in a mail is for. */
export type LinkPurpose = 'verify_email' | 'reset_password'

/** A single-use link to be made. */
export interface NewAccountToken {
  readonly userId: string
  readonly purpose: LinkPurpose
  readonly email: string
  readonly now: Date
  readonly expiresAt: Date
}

/** Makes the row behind a link; its being newer voids the links made before it. */
export async function insertAccountToken(db: Db, token: NewAccountToken): Promise<{ id: string }> {
  const { now: createdAt, ...data } = token
  return await db.accountToken.create({ data: { ...data, createdAt }, select: { id: true } })
}

/** The user a link is for, while it holds; does not use it up. */
export async function findLinkOwner(
  db: Db,
  id: string,
  purpose: LinkPurpose,
  now: Date,
): Promise<UserRow | null> {
  const row = await db.accountToken.findFirst({
    where: { id, purpose, usedAt: null, expiresAt: { gt: now } },
    select: { user: { select: userSelect } },
  })
  return row?.user ?? null
}

/**
 * Uses a link up and returns its user's id; null when it was used, is too old, was followed by a newer one, or the
 * user's address or password changed since. Of many at once one wins: the statement waits for the row.
 */
export async function consumeAccountToken(
  db: Db,
  id: string,
  purpose: LinkPurpose,
  now: Date,
): Promise<string | null> {
  const rows = await db.$queryRaw<{ user_id: string }[]>`
    UPDATE account_tokens AS link SET used_at = ${now}
    FROM users
    WHERE link.id = ${id}::uuid AND purpose = ${purpose}::account_token_purpose
      AND used_at IS NULL AND expires_at > ${now}
      AND users.id = link.user_id AND users.email = link.email AND suspended_at IS NULL AND deleted_at IS NULL
      AND link.created_at >= password_changed_at
      AND NOT EXISTS (
        SELECT 1 FROM account_tokens AS newer
        WHERE newer.user_id = link.user_id AND newer.purpose = link.purpose AND newer.id > link.id
      )
    RETURNING link.user_id`
  return rows[0]?.user_id ?? null
}
