import { type Database, query, type Tx } from '../../platform/database/index.ts'
import type { Position } from '../../platform/pagination/cursor.ts'
import { isAfter, type Order, orderBy } from '../../platform/pagination/keyset.ts'
import type { Slice } from '../../platform/pagination/page.ts'
import { sqlValues } from '../../platform/pagination/sql-values.ts'
import { NOTIFICATION_COLUMNS } from './notification-columns.ts'
import type { NotificationRow } from './notifications.presenter.ts'

/** Newest first. */
const newestFirst: Order = {
  key: 'n.created_at',
  keyType: 'timestamptz',
  nullable: false,
  descending: true,
  id: 'n.id',
}

/** A part of somebody's notifications. */
export interface NotificationSlice {
  readonly rows: NotificationRow[]
  /** All that match, when read by page number. */
  readonly total: number | undefined
  /** How many are not read, whatever the filter. */
  readonly unread: number
}

/** The notifications of `userId`, newest first, one more than `slice.limit`. One statement. */
export async function listNotifications(
  database: Pick<Database, 'pool'>,
  userId: string,
  unread: boolean | undefined,
  slice: Slice<Position>,
): Promise<NotificationSlice> {
  const values = sqlValues()
  const mine = `n.user_id = ${values.bind(userId, 'uuid')}`
  const state = unread === undefined ? '' : `AND n.read_at IS ${unread ? 'NULL' : 'NOT NULL'}`
  const matching = `FROM notifications n WHERE ${mine} ${state}`
  const total = slice.by === 'page' ? `(SELECT count(*)::int ${matching})` : 'NULL::int'
  const after = slice.by === 'cursor' ? slice.after : undefined
  const place = after === undefined ? '' : `AND ${isAfter(newestFirst, after, values)}`
  const offset = slice.by === 'page' ? `OFFSET ${values.bind(slice.offset, 'int')}` : ''
  // The counts must come back also when there is no row, hence the join to nothing.
  const text = `SELECT count.unread, ${total} AS total, ${NOTIFICATION_COLUMNS}
    FROM (SELECT count(*)::int AS unread FROM notifications n WHERE ${mine} AND n.read_at IS NULL) count
    LEFT JOIN (
      SELECT n.* ${matching} ${place} ORDER BY ${orderBy(newestFirst)}
      LIMIT ${values.bind(slice.limit + 1, 'int')} ${offset}
    ) n ON true LEFT JOIN users s ON s.id = n.sender_id ORDER BY ${orderBy(newestFirst)}`
  type Row = (NotificationRow | { readonly id: null }) & {
    readonly unread: number
    readonly total: number | null
  }
  const rows = await query<Row>(database, values.statement(text))
  const [first] = rows
  return {
    rows: rows.filter((row) => row.id !== null),
    total: first?.total ?? undefined,
    unread: first?.unread ?? 0,
  }
}

/** What marking found. */
export interface Marked {
  /** How many of the ids are notifications of this user. */
  readonly found: number
  /** How many are still not read. */
  readonly unread: number
}

/** Marks notifications of `userId` as read: those with these ids, or all. Those read before keep their time. */
export async function markRead(
  db: Tx,
  userId: string,
  ids: readonly string[] | 'all',
  now: Date,
): Promise<Marked> {
  const wanted = ids === 'all' ? null : ids
  const [marked] = await db.$queryRaw<Marked[]>`
    WITH wanted AS (
      SELECT id, read_at FROM notifications
      WHERE user_id = ${userId}::uuid AND (${wanted}::uuid[] IS NULL OR id = ANY(${wanted}::uuid[]))
    ), marked AS (
      UPDATE notifications n SET read_at = ${now} FROM wanted
      WHERE n.id = wanted.id AND wanted.read_at IS NULL RETURNING n.id
    )
    SELECT (SELECT count(*)::int FROM wanted) AS found, (
      SELECT count(*)::int FROM notifications n
      WHERE n.user_id = ${userId}::uuid AND n.read_at IS NULL AND n.id NOT IN (SELECT id FROM marked)
    ) AS unread`
  return marked ?? { found: 0, unread: 0 }
}
