import type { Db, Prisma } from '../../../platform/database/index.ts'
import { newestFirst, type RowSlice } from '../paging.ts'

const select = {
  id: true,
  userAgent: true,
  ip: true,
  createdAt: true,
  rotatedAt: true,
  expiresAt: true,
} as const satisfies Prisma.SessionSelect

/** A session as its list shows it. */
export type SessionRow = Prisma.SessionGetPayload<{ select: typeof select }>

/** Whose live sessions; idle ones are over. */
export interface SessionFilter {
  readonly userId: string
  readonly now: Date
  readonly idleSince: Date
}

/** Part of a user's live sessions, newest first. */
export async function listSessions(db: Db, filter: SessionFilter, slice: RowSlice): Promise<SessionRow[]> {
  return await db.session.findMany({ ...newestFirst(slice, where(filter)), select })
}

/** How many live sessions a user has. */
export async function countSessions(db: Db, filter: SessionFilter): Promise<number> {
  return await db.session.count({ where: where(filter) })
}

function where({ userId, now, idleSince }: SessionFilter) {
  return { userId, revokedAt: null, expiresAt: { gt: now }, rotatedAt: { gt: idleSince } }
}
