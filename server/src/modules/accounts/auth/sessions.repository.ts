import type { Db } from '../../../platform/database/index.ts'
import type { RequestContext } from '../../../platform/request-context.ts'
import type { UserRow } from '../users/users.repository.ts'

const MAX_USER_AGENT = 400

/** Why a session ended. */
export type RevokedReason = 'logout' | 'logout_all' | 'revoked' | 'reuse' | 'password' | 'deleted'

/** A session to be made. */
export interface NewSession {
  readonly userId: string
  readonly now: Date
  readonly expiresAt: Date
  readonly request: Pick<RequestContext, 'ip' | 'userAgent'>
}

/** Begins a session. */
export async function insertSession(
  db: Db,
  session: NewSession,
): Promise<{ id: string; generation: number }> {
  const { userId, now, expiresAt, request } = session
  return await db.session.create({
    data: {
      userId,
      expiresAt,
      createdAt: now,
      rotatedAt: now,
      authenticatedAt: now,
      ip: request.ip ?? null,
      userAgent: request.userAgent?.toWellFormed().replaceAll('\0', '').slice(0, MAX_USER_AGENT) ?? null,
    },
    select: { id: true, generation: true },
  })
}

/** A session after its refresh token was exchanged, with its user. */
export interface RotatedSession {
  readonly generation: number
  readonly user: Pick<UserRow, 'id' | 'email' | 'role'>
}

interface RotatedRow {
  readonly generation: number
  readonly id: string
  readonly email: string
  readonly role: UserRow['role']
}

/** The refresh token presented and the times it is judged by. */
export interface Rotation {
  readonly id: string
  readonly generation: number
  readonly now: Date
  /** Last use before this moment is too long ago. */
  readonly idleSince: Date
}

/** Exchanges a token that is the current one, in one statement; null when it is not or the session is over. */
export async function rotateSession(db: Db, rotation: Rotation): Promise<RotatedSession | null> {
  const { id, generation, now, idleSince } = rotation
  const rows = await db.$queryRaw<RotatedRow[]>`
    UPDATE sessions SET generation = generation + 1, rotated_at = ${now}
    FROM users
    WHERE sessions.id = ${id}::uuid AND generation = ${generation}
      AND revoked_at IS NULL AND expires_at > ${now} AND rotated_at > ${idleSince}
      AND users.id = sessions.user_id AND suspended_at IS NULL AND deleted_at IS NULL
    RETURNING generation, users.id, email, role::text AS role`
  const row = rows[0]
  return row === undefined ? null : rotated(row)
}

/** A session as it is now, while it and its user are live. */
export interface LiveSession extends RotatedSession {
  readonly rotatedAt: Date
}

/** The session `id`, unless it or its user is over. */
export async function findLiveSession(db: Db, id: string, now: Date): Promise<LiveSession | null> {
  const rows = await db.$queryRaw<(RotatedRow & { readonly rotated_at: Date })[]>`
    SELECT generation, rotated_at, users.id, email, role::text AS role
    FROM sessions JOIN users ON users.id = sessions.user_id
    WHERE sessions.id = ${id}::uuid AND revoked_at IS NULL AND expires_at > ${now}
      AND suspended_at IS NULL AND deleted_at IS NULL`
  const row = rows[0]
  return row === undefined ? null : { ...rotated(row), rotatedAt: row.rotated_at }
}

function rotated({ generation, id, email, role }: RotatedRow): RotatedSession {
  return { generation, user: { id, email, role } }
}

/** Which sessions to end. `userId` is always there, so that an id of somebody else's session ends nothing. */
export interface RevokeFilter {
  readonly userId: string
  readonly id?: string
  readonly exceptId?: string
}

/** Ends sessions; returns how many it ended. */
export async function revokeSessions(
  db: Db,
  filter: RevokeFilter,
  reason: RevokedReason,
  now: Date,
): Promise<number> {
  const { userId, id, exceptId } = filter
  const { count } = await db.session.updateMany({
    where: {
      userId,
      revokedAt: null,
      ...(id === undefined ? {} : { id }),
      ...(exceptId === undefined ? {} : { NOT: { id: exceptId } }),
    },
    data: { revokedAt: now, revokedReason: reason },
  })
  return count
}

/** Whose session it is. */
export async function findSessionOwner(db: Db, id: string): Promise<string | null> {
  const row = await db.session.findUnique({ where: { id }, select: { userId: true } })
  return row?.userId ?? null
}

/** Notes that the password was proven just now in this session. */
export async function renewProof(db: Db, id: string, now: Date): Promise<void> {
  await db.session.updateMany({ where: { id }, data: { authenticatedAt: now } })
}
