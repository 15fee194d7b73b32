import type { Actor } from '../../contract/actor.ts'
import type { MemberRole } from '../../contract/policy.ts'
import { type Database, type Db, query, type Tx } from '../../platform/database/index.ts'
import type { Position } from '../../platform/pagination/cursor.ts'
import { isAfter, type Order, orderBy } from '../../platform/pagination/keyset.ts'
import type { Slice } from '../../platform/pagination/page.ts'
import { sqlValues } from '../../platform/pagination/sql-values.ts'
import { seatSql } from './access.ts'
import type { MemberRow } from './project.presenter.ts'

/** Longest members first. */
const membersOrder: Order = {
  key: 'm.created_at',
  keyType: 'timestamptz',
  nullable: false,
  descending: false,
  id: 'm.user_id',
}

/**
 * Members of a project that `actor` may read, one more than `slice.limit`, or null when there is no such project.
 * Viewers get no e-mail addresses but their own. One round trip.
 */
export async function listMembers(
  database: Database,
  actor: Actor,
  projectId: string,
  slice: Slice<Position>,
): Promise<{ rows: MemberRow[]; total: number | undefined } | null> {
  const values = sqlValues()
  const seat = seatSql(values, actor, values.bind(projectId, 'uuid'), 'viewer')
  const own = values.bind(actor.userId, 'uuid')
  const matching = `FROM project_members m JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL
    WHERE m.project_id = seat.id`
  const after = slice.by === 'cursor' ? slice.after : undefined
  const place = after === undefined ? '' : `AND ${isAfter(membersOrder, after, values)}`
  const offset = slice.by === 'page' ? `OFFSET ${values.bind(slice.offset, 'int')}` : ''
  const total = slice.by === 'page' ? `(SELECT count(*)::int ${matching})` : 'NULL::int'
  const text = `SELECT ${total} AS total, page.* FROM (${seat}) seat LEFT JOIN LATERAL (
      SELECT m.user_id AS "userId", u.full_name AS "fullName", m.role, m.created_at AS "createdAt",
        CASE WHEN seat.role = 'viewer' AND m.user_id <> ${own} THEN NULL ELSE u.email END AS email
      ${matching} ${place} ORDER BY ${orderBy(membersOrder)} LIMIT ${values.bind(slice.limit + 1, 'int')} ${offset}
    ) page ON true ORDER BY page."createdAt", page."userId"`
  type Row = (MemberRow | { readonly userId: null }) & { readonly total: number | null }
  const rows = await query<Row>(database, values.statement(text))
  const [first] = rows
  if (first === undefined) return null
  return { rows: rows.filter((row) => row.userId !== null), total: first.total ?? undefined }
}

/** One member as editors see them, or null. */
export async function findMember(db: Db, projectId: string, userId: string): Promise<MemberRow | null> {
  const row = await db.projectMember.findFirst({
    where: { projectId, userId, user: { deletedAt: null } },
    select: { userId: true, role: true, createdAt: true, user: { select: { fullName: true, email: true } } },
  })
  return row === null ? null : { ...row, fullName: row.user.fullName, email: row.user.email }
}

/**
 * The ids of a live project's owners. The project's row stays locked until the transaction ends, so that two calls that
 * each leave one owner cannot both go through; tasks can still be written meanwhile. Owners whose account is deleted or
 * suspended do not count: they could not look after the project. Empty when there is no such project.
 */
export async function lockOwners(tx: Tx, projectId: string): Promise<string[]> {
  // A statement of its own: the next one then sees what was committed while this one waited.
  await tx.$queryRaw`
    SELECT id FROM projects WHERE id = ${projectId}::uuid AND deleted_at IS NULL FOR NO KEY UPDATE`
  const rows = await tx.projectMember.findMany({
    where: {
      projectId,
      role: 'owner',
      user: { deletedAt: null, suspendedAt: null },
      project: { deletedAt: null },
    },
    select: { userId: true },
  })
  return rows.map((row) => row.userId)
}

/** The name of a project that is there. */
export async function findProjectName(db: Db, id: string): Promise<string> {
  const { name } = await db.project.findUniqueOrThrow({ where: { id }, select: { name: true } })
  return name
}

/** Adds a member. Fails with a unique violation when the user is one already. */
export async function insertMember(
  db: Db,
  place: { projectId: string; userId: string; role: MemberRole },
  now: Date,
): Promise<void> {
  await db.projectMember.create({
    data: { ...place, createdAt: now, updatedAt: now },
    select: { userId: true },
  })
}

/** Gives a member another role; false when the user is no member. */
export async function updateRole(
  db: Db,
  { projectId, userId, role }: { projectId: string; userId: string; role: MemberRole },
  now: Date,
): Promise<boolean> {
  const where = { projectId, userId }
  const { count } = await db.projectMember.updateMany({ where, data: { role, updatedAt: now } })
  return count === 1
}

/** Removes a member; false when the user is none, or the project is deleted. */
export async function deleteMember(db: Db, projectId: string, userId: string): Promise<boolean> {
  const where = { projectId, userId, project: { deletedAt: null } }
  const { count } = await db.projectMember.deleteMany({ where })
  return count === 1
}
