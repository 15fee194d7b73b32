import { createHash } from 'node:crypto'
import { type PageRequest, sliceOf } from '../../contract/page-request.ts'
import { type Database, query } from '../../platform/database/index.ts'
import { uuidFrom } from '../../platform/ids.ts'
import { type CursorScope, encodeCursor, type Position } from '../../platform/pagination/cursor.ts'
import { isAfter, type Order, orderBy } from '../../platform/pagination/keyset.ts'
import { type Page, pageOf } from '../../platform/pagination/page.ts'
import { type SqlValues, sqlValues } from '../../platform/pagination/sql-values.ts'

/** A list that is in memory, in its order. */
export interface MemoryList<Item, T> {
  readonly scope: Omit<CursorScope, 'keyType'>
  readonly items: readonly Item[]
  readonly nameOf: (item: Item) => string
  readonly present: (item: Item) => T
}

/**
 * One page of a list that is in memory. Its cursors name the last item that was shown, and its place.
 * @throws BAD_REQUEST for a cursor of another list, or both kinds of pages at once
 */
export function pageOfMemory<Item, T>(request: PageRequest, list: MemoryList<Item, T>): Page<T> {
  const scope: CursorScope = { ...list.scope, keyType: 'text' }
  const slice = sliceOf(request, scope)
  const from = slice.by === 'page' ? slice.offset : placeAfter(list, slice.after)
  return pageOf(list.items.slice(from, from + slice.limit + 1), {
    limit: slice.limit,
    total: slice.by === 'page' ? list.items.length : undefined,
    present: list.present,
    cursorOf: (item) =>
      encodeCursor(scope, { key: String(list.items.indexOf(item)), id: idOf(list.nameOf(item)) }),
  })
}

/** Where the list goes on; where the last item shown is gone, what came after it stands in its place. */
function placeAfter<Item, T>({ items, nameOf }: MemoryList<Item, T>, after: Position | undefined): number {
  if (after === undefined) return 0
  const shown = items.findIndex((item) => idOf(nameOf(item)) === after.id)
  if (shown >= 0) return shown + 1
  return after.key !== null && /^\d{1,6}$/.test(after.key) ? Number(after.key) : 0
}

/** Cursors carry UUIDs; what is in memory has names. */
function idOf(name: string): string {
  return uuidFrom(createHash('sha256').update(name).digest().subarray(0, 16))
}

/** A list of rows, newest first. `columns`, `from` and what `where` returns are SQL of ours. */
export interface RowList<Row, T> {
  readonly scope: Omit<CursorScope, 'keyType'>
  readonly columns: string
  readonly from: string
  /** The moment rows are sorted by, and their id. */
  readonly order: Pick<Order, 'key' | 'id'>
  readonly where: (values: SqlValues) => readonly string[]
  readonly positionOf: (row: Row) => { readonly key: string; readonly id: string }
  readonly present: (row: Row) => T
}

/**
 * One page of rows, newest first; one round trip.
 * @throws BAD_REQUEST for a cursor of another list, or both kinds of pages at once
 */
export async function pageOfRows<Row extends object, T>(
  database: Pick<Database, 'pool'>,
  request: PageRequest,
  list: RowList<Row, T>,
): Promise<Page<T>> {
  const scope: CursorScope = { ...list.scope, keyType: 'timestamptz' }
  const order: Order = { ...list.order, keyType: 'timestamptz', nullable: false, descending: true }
  const slice = sliceOf(request, scope)
  const values = sqlValues()
  const matching = `FROM ${list.from} WHERE ${['true', ...list.where(values)].join(' AND ')}`
  const after = slice.by === 'cursor' && slice.after !== undefined ? slice.after : undefined
  const place = after === undefined ? '' : `AND ${isAfter(order, after, values)}`
  const total = slice.by === 'page' ? `(SELECT count(*)::int ${matching})` : 'NULL::int'
  const offset = slice.by === 'page' ? `OFFSET ${values.bind(slice.offset, 'int')}` : ''
  const text = `SELECT ${total} AS total, page.* FROM (SELECT) one LEFT JOIN LATERAL (
      SELECT ${list.columns} ${matching} ${place}
      ORDER BY ${orderBy(order)} LIMIT ${values.bind(slice.limit + 1, 'int')} ${offset}
    ) page ON true`
  const rows = await query<(Row & { id: string | null }) & { total: number | null }>(
    database,
    values.statement(text),
  )
  return pageOf(
    rows.filter((row) => row.id !== null),
    {
      limit: slice.limit,
      total: rows[0]?.total ?? undefined,
      present: list.present,
      cursorOf: (row) => encodeCursor(scope, list.positionOf(row)),
    },
  )
}
