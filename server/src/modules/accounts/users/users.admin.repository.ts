import type { Db, Prisma } from '../../../platform/database/index.ts'
import { newestFirst, type RowSlice } from '../paging.ts'
import { type UserRow, userSelect } from './users.repository.ts'

/** Which users. */
export interface UserFilter {
  readonly search: string | undefined
  readonly role: UserRow['role'] | undefined
}

/** Part of the live users, newest first. */
export async function listUsers(db: Db, filter: UserFilter, slice: RowSlice): Promise<UserRow[]> {
  return await db.user.findMany({ ...newestFirst(slice, where(filter)), select: userSelect })
}

/** How many live users match. */
export async function countUsers(db: Db, filter: UserFilter): Promise<number> {
  return await db.user.count({ where: where(filter) })
}

function where({ search, role }: UserFilter): Prisma.UserWhereInput {
  // Prisma passes wildcards on to LIKE; here they are text.
  const contains = search?.replace(/[\\%_]/g, '\\$&')
  const matches = { contains: contains ?? '', mode: 'insensitive' } as const
  return {
    deletedAt: null,
    ...(role === undefined ? {} : { role }),
    ...(search === undefined ? {} : { OR: [{ email: matches }, { fullName: matches }] }),
  }
}

/** A user while {@link lockForRoles} holds them. */
export interface LockedUser {
  readonly id: string
  readonly role: UserRow['role']
  readonly suspended: boolean
}

/**
 * Locks the users named together with all super admins until commit, in the order of their ids; deleted ones are left
 * out. Whoever changes roles or ends accounts does this first, so that two of them never act on what the other is about
 * to change.
 */
export async function lockForRoles(db: Db, actorId: string, targetId: string): Promise<LockedUser[]> {
  return await db.$queryRaw<LockedUser[]>`
    SELECT id, role::text AS role, suspended_at IS NOT NULL AS suspended FROM users
    WHERE deleted_at IS NULL
      AND (id IN (${actorId}::uuid, ${targetId}::uuid) OR role = 'super_admin' AND suspended_at IS NULL)
    ORDER BY id FOR NO KEY UPDATE`
}

/** Changes a live user; null when there is none. */
export async function updateUser(
  db: Db,
  id: string,
  data: Prisma.UserUpdateManyMutationInput,
): Promise<UserRow | null> {
  const [row] = await db.user.updateManyAndReturn({
    where: { id, deletedAt: null },
    data,
    select: userSelect,
  })
  return row ?? null
}

/** Ends every API key of a user. */
export async function revokeAllKeys(db: Db, userId: string, now: Date): Promise<void> {
  await db.apiKey.updateMany({ where: { userId, revokedAt: null }, data: { revokedAt: now } })
}

/** Counts of a user's work. */
export interface UserStats {
  readonly projects: number
  readonly tasksCreated: number
  readonly tasksAssigned: number
  readonly tasksDone: number
}

/** What a live user has done, in what was not deleted; one statement. */
export async function countWork(db: Db, id: string): Promise<UserStats | null> {
  const rows = await db.$queryRaw<UserStats[]>`
    SELECT
      (SELECT count(*)::int FROM project_members m JOIN projects p ON p.id = m.project_id
        WHERE m.user_id = users.id AND p.deleted_at IS NULL) AS projects,
      (SELECT count(*)::int FROM tasks JOIN projects p ON p.id = tasks.project_id
        WHERE tasks.created_by_id = users.id AND tasks.deleted_at IS NULL AND p.deleted_at IS NULL) AS "tasksCreated",
      work.assigned AS "tasksAssigned", work.done AS "tasksDone"
    FROM users, LATERAL (
      SELECT count(*)::int AS assigned, (count(*) FILTER (WHERE status = 'done'))::int AS done
      FROM tasks JOIN projects p ON p.id = tasks.project_id
      WHERE tasks.assignee_id = users.id AND tasks.deleted_at IS NULL AND p.deleted_at IS NULL
    ) AS work
    WHERE users.id = ${id}::uuid AND users.deleted_at IS NULL`
  return rows[0] ?? null
}
