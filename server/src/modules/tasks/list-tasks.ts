import type { Actor } from '../../contract/actor.ts'
import { type Database, pipelinedQuery, query } from '../../platform/database/index.ts'
import type { Position } from '../../platform/pagination/cursor.ts'
import { isAfter, orderBy } from '../../platform/pagination/keyset.ts'
import type { Slice } from '../../platform/pagination/page.ts'
import { containsPattern, type SqlValues, sqlValues } from '../../platform/pagination/sql-values.ts'
import { seatSql } from '../projects/index.ts'
import { TASK_COLUMNS } from './task-columns.ts'
import { type ListedTask, orderOf, orderOfPage } from './task-order.ts'
import type { Task, TaskSort } from './tasks.schema.ts'

/** Which tasks of which project, in which order. */
export interface TaskFilter {
  readonly projectId: string
  readonly status?: Task['status'] | undefined
  readonly assigneeId?: string | undefined
  readonly search?: string | undefined
  readonly sort: TaskSort
}

/**
 * Live tasks of a project that `actor` may read, one more than `slice.limit`, or null when there is no such project.
 * `total` when read by page number. One prepared statement, because this is the product's hottest read: the
 * membership comes first, so that no row means "no such project" and a row without task "no tasks".
 */
export async function listTasks(
  database: Pick<Database, 'pool'>,
  actor: Actor,
  filter: TaskFilter,
  slice: Slice<Position>,
): Promise<{ rows: ListedTask[]; total: number | undefined } | null> {
  const values = sqlValues()
  const seat = seatSql(values, actor, values.bind(filter.projectId, 'uuid'), 'viewer')
  const matching = `FROM tasks t WHERE ${conditions(filter, values).join(' AND ')}`
  const order = orderOf(filter.sort)
  const after = slice.by === 'cursor' && slice.after !== undefined ? slice.after : undefined
  const place = after === undefined ? '' : `AND ${isAfter(order, after, values)}`
  const offset = slice.by === 'page' ? `OFFSET ${values.bind(slice.offset, 'int')}` : ''
  const total = slice.by === 'page' ? `(SELECT count(*)::int ${matching})` : 'NULL::int'
  const sortKey = order.keyType === 'text' ? `, ${order.key} AS "sortKey"` : ''
  const limit = values.bind(slice.limit + 1, 'int')
  const text = `SELECT ${total} AS total, page.* FROM (${seat}) seat LEFT JOIN LATERAL (
      SELECT ${TASK_COLUMNS}${sortKey}
      ${matching} ${place} ORDER BY ${orderBy(order)} LIMIT ${limit} ${offset}
    ) page ON true ORDER BY ${orderBy(orderOfPage(filter.sort))}`
  const read = isQuick(filter, slice) ? pipelinedQuery : query
  const rows = await read<(ListedTask | { id: null }) & { total: number | null }>(
    database,
    values.statement(text),
  )
  const [first] = rows
  if (first === undefined) return null
  return { rows: rows.filter((row) => row.id !== null), total: first.total ?? undefined }
}

/** Whether an index gives the rows in order and without leaving any out: what looks at all tasks of a project is no company for others. */
function isQuick({ search, status, assigneeId, sort }: TaskFilter, { by }: Slice<Position>): boolean {
  const isWhole = search === undefined && status === undefined && assigneeId === undefined
  return isWhole && by === 'cursor' && orderOf(sort).keyType !== 'text'
}

function conditions(filter: TaskFilter, values: SqlValues): string[] {
  const { status, assigneeId, search } = filter
  const where = ['t.project_id = seat.id', 't.deleted_at IS NULL']
  if (status !== undefined) where.push(`t.status = ${values.bind(status, 'task_status')}`)
  if (assigneeId !== undefined) where.push(`t.assignee_id = ${values.bind(assigneeId, 'uuid')}`)
  if (search !== undefined) {
    const pattern = values.bind(containsPattern(search), 'text')
    where.push(`(t.title ILIKE ${pattern} OR t.description ILIKE ${pattern})`)
  }
  return where
}
