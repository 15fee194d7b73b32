import { invalid } from '../../contract/errors.ts'
import { type CursorScope, decodeCursor, encodeCursor } from '../../platform/pagination/cursor.ts'
import { type Page, pageOf } from '../../platform/pagination/page.ts'

/** The row after which a list goes on. */
interface After {
  readonly createdAt: Date
  readonly id: string
}

/** Which rows to read: one more than is shown, after a row or from an offset. */
export interface RowSlice {
  readonly take: number
  readonly skip: number
  readonly after: After | undefined
}

/** What every list of this module sorts by. */
interface Dated {
  readonly id: string
  readonly createdAt: Date
}

/** The parts of a Prisma query for rows of `where`, newest first; ids break ties. */
export function newestFirst<Where extends object>(slice: RowSlice, where: Where) {
  const { take, skip, after } = slice
  const rest =
    after === undefined
      ? {}
      : {
          AND: [
            {
              OR: [
                { createdAt: { lt: after.createdAt } },
                { createdAt: after.createdAt, id: { lt: after.id } },
              ],
            },
          ],
        }
  return {
    where: { ...where, ...rest },
    orderBy: [{ createdAt: 'desc' as const }, { id: 'desc' as const }],
    take,
    skip,
  }
}

/** How {@link readPage} reads a list. */
export interface ListSource<Row extends Dated, T> {
  readonly scope: Omit<CursorScope, 'keyType'>
  readonly rows: (slice: RowSlice) => Promise<Row[]>
  readonly count: () => Promise<number>
  readonly present: (row: Row) => T
}

/** What callers of a list say about the part they want. */
export interface PageRequest {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly page?: number | undefined
}

/**
 * One page of a list that is sorted by date, newest first.
 * @throws BAD_REQUEST for a cursor of another list, or both kinds of pages at once
 */
export async function readPage<Row extends Dated, T>(
  { limit, cursor, page }: PageRequest,
  source: ListSource<Row, T>,
): Promise<Page<T>> {
  if (cursor !== undefined && page !== undefined) throw invalid('page', 'Give a cursor or a page, not both.')
  const scope: CursorScope = { ...source.scope, keyType: 'timestamptz' }
  const slice: RowSlice = {
    take: limit + 1,
    skip: page === undefined ? 0 : (page - 1) * limit,
    after: cursor === undefined ? undefined : afterOf(scope, cursor),
  }
  const [rows, total] = await Promise.all([
    source.rows(slice),
    page === undefined ? undefined : source.count(),
  ])
  return pageOf(rows, {
    limit,
    total,
    present: source.present,
    cursorOf: ({ id, createdAt }) => encodeCursor(scope, { id, key: createdAt.toISOString() }),
  })
}

function afterOf(scope: CursorScope, cursor: string): After {
  const position = decodeCursor(scope, cursor)
  if (position?.key == null)
    throw invalid('cursor', 'Give the nextCursor of the page before, with the same filters.')
  return { id: position.id, createdAt: new Date(position.key) }
}
