import { type Database, query } from '../../platform/database/index.ts'
import type { Position } from '../../platform/pagination/cursor.ts'
import { isAfter, type Order, orderBy } from '../../platform/pagination/keyset.ts'
import type { Moment } from '../../platform/pagination/moments.ts'
import type { Slice } from '../../platform/pagination/page.ts'
import { type SqlValues, sqlValues } from '../../platform/pagination/sql-values.ts'
import type { AuditEvent } from './audit.schema.ts'

/** Which rows of the trail. Moments are ISO 8601. */
export interface AuditFilter {
  readonly actorId?: string | undefined
  readonly action?: string | undefined
  readonly targetId?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** A row as it is read. */
export type AuditRow = Omit<AuditEvent, 'createdAt'> & { readonly createdAt: Moment }

/** Newest first. */
const newestFirst: Order = {
  key: 'a.created_at',
  keyType: 'timestamptz',
  nullable: false,
  descending: true,
  id: 'a.id',
}

/** Part of the trail, newest first: one more row than `slice.limit`; `total` when read by page number. One statement. */
export async function listAuditEvents(
  database: Pick<Database, 'pool'>,
  filter: AuditFilter,
  slice: Slice<Position>,
): Promise<{ rows: AuditRow[]; total: number | undefined }> {
  const values = sqlValues()
  const where = conditions(filter, values)
  const total =
    slice.by === 'page' ? `(SELECT count(*)::int FROM audit_events a ${whereAll(where)})` : 'NULL::int'
  const after = slice.by === 'cursor' ? slice.after : undefined
  const place = after === undefined ? [] : [isAfter(newestFirst, after, values)]
  const offset = slice.by === 'page' ? `OFFSET ${values.bind(slice.offset, 'int')}` : ''
  const limit = values.bind(slice.limit + 1, 'int')
  // The total must come back also when the page is empty, hence the join to nothing.
  const text = `SELECT ${total} AS total, page.*, u.email AS "actorEmail"
    FROM (SELECT 1) one LEFT JOIN (
      SELECT a.id, a.actor_id AS "actorId", a.actor_via AS "actorVia", a.surface, a.action,
        a.target_type AS "targetType", a.target_id AS "targetId", a.changes, a.trace_id AS "traceId", a.ip,
        a.created_at AS "createdAt"
      FROM audit_events a ${whereAll([...where, ...place])} ORDER BY ${orderBy(newestFirst)} LIMIT ${limit} ${offset}
    ) page ON true LEFT JOIN users u ON u.id = page."actorId" ORDER BY page."createdAt" DESC, page.id DESC`
  type Row = (AuditRow | { readonly id: null }) & { readonly total: number | null }
  const rows = await query<Row>(database, values.statement(text))
  return { rows: rows.filter((row) => row.id !== null), total: rows[0]?.total ?? undefined }
}

function conditions(filter: AuditFilter, values: SqlValues): string[] {
  const { actorId, action, targetId, from, to } = filter
  const where: string[] = []
  if (actorId !== undefined) where.push(`a.actor_id = ${values.bind(actorId, 'uuid')}`)
  if (action !== undefined) where.push(`a.action = ${values.bind(action, 'text')}`)
  if (targetId !== undefined) where.push(`a.target_id = ${values.bind(targetId, 'text')}`)
  if (from !== undefined) where.push(`a.created_at >= ${values.bind(from, 'timestamptz')}`)
  if (to !== undefined) where.push(`a.created_at < ${values.bind(to, 'timestamptz')}`)
  return where
}

function whereAll(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
}
