import type { Actor } from '../../contract/actor.ts'
import type { MemberRole } from '../../contract/policy.ts'
import {
  type Database,
  type Db,
  gathered,
  type Prisma,
  pipelinedQuery,
  query,
} from '../../platform/database/index.ts'
import type { Position } from '../../platform/pagination/cursor.ts'
import { isAfter, type Order, orderBy } from '../../platform/pagination/keyset.ts'
import type { Slice } from '../../platform/pagination/page.ts'
import { containsPattern, perId, sqlValues } from '../../platform/pagination/sql-values.ts'
import { liveProjectOf, projectOf, seatSql } from './access.ts'
import type { ProjectRow } from './project.presenter.ts'

const COLUMNS = `p.id, p.name, p.slug, p.description, p.version, p.created_at AS "createdAt", p.updated_at AS "updatedAt"`

const select = {
  id: true,
  name: true,
  slug: true,
  description: true,
  version: true,
  createdAt: true,
  updatedAt: true,
} satisfies Prisma.ProjectSelect

/** A project and the reader's role in it; null for a super admin who is no member. */
export type ProjectWithRole = ProjectRow & { readonly role: MemberRole | null }

/** A live project that `actor` may read, or null. One round trip for all that a batch asks for. */
export const findProject = gathered(async (database, actor: Actor, ids) => {
  const values = sqlValues()
  const text = perId(values, ids, (id) => {
    const seat = seatSql(values, actor, id, 'viewer')
    return `SELECT ${COLUMNS}, seat.role FROM (${seat}) seat JOIN projects p ON p.id = seat.id`
  })
  return await pipelinedQuery<ProjectWithRole>(database, values.statement(text))
})

/** Newest first. */
const projectsOrder: Order = {
  key: 'p.created_at',
  keyType: 'timestamptz',
  nullable: false,
  descending: true,
  id: 'p.id',
}

/** Live projects `userId` is a member of, one more than `slice.limit`; `total` when read by page number. One round trip. */
export async function listProjects(
  database: Database,
  userId: string,
  search: string | undefined,
  slice: Slice<Position>,
): Promise<{ rows: ProjectWithRole[]; total: number | undefined }> {
  const values = sqlValues()
  const where = [`m.user_id = ${values.bind(userId, 'uuid')}`, 'p.deleted_at IS NULL']
  if (search !== undefined) {
    const pattern = values.bind(containsPattern(search), 'text')
    where.push(`(p.name ILIKE ${pattern} OR p.slug ILIKE ${pattern})`)
  }
  const matching = `FROM projects p JOIN project_members m ON m.project_id = p.id WHERE ${where.join(' AND ')}`
  const after = slice.by === 'cursor' ? slice.after : undefined
  const place = after === undefined ? '' : `AND ${isAfter(projectsOrder, after, values)}`
  const limit = `LIMIT ${values.bind(slice.limit + 1, 'int')}`
  const page = `SELECT ${COLUMNS}, m.role ${matching} ${place} ORDER BY ${orderBy(projectsOrder)} ${limit}`
  if (slice.by === 'cursor') {
    const read = search === undefined ? pipelinedQuery : query
    return { rows: await read<ProjectWithRole>(database, values.statement(page)), total: undefined }
  }
  // The count is there even when the page is empty.
  const text = `SELECT c.total, p.* FROM (SELECT count(*)::int AS total ${matching}) c
    LEFT JOIN (${page} OFFSET ${values.bind(slice.offset, 'int')}) p ON true
    ORDER BY p."createdAt" DESC, p.id DESC`
  const rows = await query<(ProjectWithRole | { id: null }) & { total: number }>(
    database,
    values.statement(text),
  )
  return { rows: rows.filter((row) => row.id !== null), total: rows[0]?.total ?? 0 }
}

/** A new project with `userId` as its owner. Fails with a unique violation when the slug is taken. */
export async function insertProject(
  db: Db,
  userId: string,
  data: Pick<ProjectRow, 'name' | 'slug' | 'description'>,
  now: Date,
): Promise<ProjectRow> {
  return db.project.create({
    data: {
      ...data,
      createdAt: now,
      updatedAt: now,
      createdBy: { connect: { id: userId } },
      members: { create: { userId, role: 'owner', createdAt: now, updatedAt: now } },
    },
    select,
  })
}

/** Changes a live project of which `actor` is an owner and which is still at `version`; null when there is none. */
export async function updateProject(
  db: Db,
  actor: Actor,
  id: string,
  version: number | undefined,
  data: Prisma.ProjectUpdateManyMutationInput,
): Promise<ProjectRow | null> {
  const rows = await db.project.updateManyAndReturn({
    where: { id, ...liveProjectOf(actor, 'owner'), ...(version === undefined ? {} : { version }) },
    data: { ...data, version: { increment: 1 } },
    select,
  })
  return rows[0] ?? null
}

/** Marks a live project of which `actor` is an owner as deleted; false when there is none. */
export async function softDeleteProject(db: Db, actor: Actor, id: string, now: Date): Promise<boolean> {
  const where = { id, ...liveProjectOf(actor, 'owner') }
  const { count } = await db.project.updateMany({ where, data: { deletedAt: now, updatedAt: now } })
  return count === 1
}

/** Brings back a deleted project of which `actor` is an owner; false when there is none. */
export async function restoreProject(db: Db, actor: Actor, id: string, now: Date): Promise<boolean> {
  const { count } = await db.project.updateMany({
    where: { id, deletedAt: { not: null }, ...projectOf(actor, 'owner') },
    data: { deletedAt: null, updatedAt: now, version: { increment: 1 } },
  })
  return count === 1
}

/** A project, deleted or not, with the membership of `userId` in it; null when there is none. */
export async function findWithMembership(db: Db, id: string, userId: string) {
  return db.project.findUnique({
    where: { id },
    select: { ...select, members: { where: { userId }, select: { role: true } } },
  })
}
