import type { Actor } from '../../contract/actor.ts'
import {
  type Database,
  type Db,
  gathered,
  type Prisma,
  query,
  type Tx,
} from '../../platform/database/index.ts'
import type { Position } from '../../platform/pagination/cursor.ts'
import { isAfter, type Order, orderBy } from '../../platform/pagination/keyset.ts'
import type { Slice } from '../../platform/pagination/page.ts'
import { perId, sqlValues } from '../../platform/pagination/sql-values.ts'
import { seatSql } from '../projects/index.ts'
import type { ReportRow } from './reports.presenter.ts'

/** A report whose job row was swept counts as succeeded when it is finished, else as dead. */
const COLUMNS = `r.id, r.project_id AS "projectId", r.job_id AS "jobId", r.created_by_id AS "createdById",
  r.created_at AS "createdAt", r.finished_at AS "finishedAt",
  CASE WHEN r.finished_at IS NOT NULL THEN 'succeeded' ELSE coalesce(j.state::text, 'dead') END AS state,
  coalesce((SELECT json_agg(json_build_object('fileId', f.id, 'name', f.name, 'bytes', f.bytes,
      'format', CASE f.id WHEN r.csv_file_id THEN 'csv' ELSE 'json' END) ORDER BY f.id)
    FROM files f WHERE f.id IN (r.csv_file_id, r.json_file_id) AND f.state = 'stored'), '[]') AS files`

/** A report of a project that `actor` may read, or null. One round trip for all that a batch asks for. */
export const findReport = gathered(async (database, actor: Actor, ids) => {
  const values = sqlValues()
  const seat = seatSql(values, actor, 'r.project_id', 'viewer')
  const from = `FROM reports r LEFT JOIN jobs j ON j.id = r.job_id CROSS JOIN LATERAL (${seat}) seat`
  const text = perId(values, ids, (id) => `SELECT ${COLUMNS}, r.figures ${from} WHERE r.id = ${id}`)
  const statement = values.statement(text)
  return await query<ReportRow & { figures: unknown } & Record<string, unknown>>(database, statement)
})

/** Newest first. */
const ORDER: Order = {
  key: 'r.created_at',
  keyType: 'timestamptz',
  nullable: false,
  descending: true,
  id: 'r.id',
}

/**
 * Reports of a project that `actor` may read, newest first and one more than `slice.limit`, or null when there is no
 * such project. One round trip.
 */
export async function listReports(
  database: Pick<Database, 'pool'>,
  actor: Actor,
  projectId: string,
  slice: Slice<Position>,
): Promise<{ rows: ReportRow[]; total: number | undefined } | null> {
  const values = sqlValues()
  const seat = seatSql(values, actor, values.bind(projectId, 'uuid'), 'viewer')
  const after = slice.by === 'cursor' && slice.after !== undefined ? slice.after : undefined
  const place = after === undefined ? '' : `AND ${isAfter(ORDER, after, values)}`
  const offset = slice.by === 'page' ? `OFFSET ${values.bind(slice.offset, 'int')}` : ''
  const total =
    slice.by === 'page' ? '(SELECT count(*)::int FROM reports r WHERE r.project_id = seat.id)' : 'NULL::int'
  const text = `SELECT ${total} AS total, page.* FROM (${seat}) seat LEFT JOIN LATERAL (
      SELECT ${COLUMNS} FROM reports r LEFT JOIN jobs j ON j.id = r.job_id
      WHERE r.project_id = seat.id ${place}
      ORDER BY ${orderBy(ORDER)} LIMIT ${values.bind(slice.limit + 1, 'int')} ${offset}
    ) page ON true ORDER BY page."createdAt" DESC, page.id DESC`
  const rows = await query<(ReportRow | { id: null }) & { total: number | null }>(
    database,
    values.statement(text),
  )
  const [first] = rows
  if (first === undefined) return null
  return { rows: rows.filter((row) => row.id !== null), total: first.total ?? undefined }
}

/** A report to be made. */
export interface NewReport {
  readonly id: string
  readonly projectId: string
  readonly createdById: string
  readonly jobId: string
  readonly now: Date
}

/** A report with the job that makes it. */
export interface ReportJob {
  readonly id: string
  readonly jobId: string
}

/**
 * The report of the project that the user already has under way, or null. One whose job has ended without it is
 * forgotten. Until commit nobody else begins one for this user.
 */
export async function underWay(db: Tx, projectId: string, userId: string): Promise<ReportJob | null> {
  // Of two calls at once the second waits here, and then finds the report of the first.
  await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`report ${projectId} ${userId}`}, 0))`
  const rows = await db.$queryRaw<(ReportJob & { alive: boolean })[]>`
    SELECT r.id, r.job_id AS "jobId",
      EXISTS (SELECT 1 FROM jobs j WHERE j.id = r.job_id AND j.state IN ('queued', 'running')) AS alive
    FROM reports r
    WHERE r.project_id = ${projectId}::uuid AND r.created_by_id = ${userId}::uuid AND r.finished_at IS NULL`
  const [found] = rows
  if (found === undefined) return null
  if (found.alive) return { id: found.id, jobId: found.jobId }
  await db.report.deleteMany({ where: { id: found.id } })
  return null
}

/** Notes that a report is under way. */
export async function insertReport(db: Tx, { now, ...report }: NewReport): Promise<void> {
  await db.report.create({ data: { ...report, createdAt: now }, select: { id: true } })
}

/** What a finished report holds. */
export interface FinishedReport {
  readonly id: string
  readonly figures: Prisma.InputJsonValue
  readonly csvFileId: string
  readonly jsonFileId: string
  readonly now: Date
}

/** Makes a report visible, once; false when it is finished or gone. */
export async function finishReport(db: Tx, { id, now, ...made }: FinishedReport): Promise<boolean> {
  const { count } = await db.report.updateMany({
    where: { id, finishedAt: null },
    data: { ...made, finishedAt: now },
  })
  return count === 1
}

/** What files of a project are called by. */
export async function projectSlug(db: Db, id: string): Promise<string | null> {
  const project = await db.project.findFirst({ where: { id, deletedAt: null }, select: { slug: true } })
  return project?.slug ?? null
}
