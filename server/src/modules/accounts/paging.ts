import { invalid } from '../../contract/errors.ts'
import { type PageRequest, sliceOf } from '../../contract/page-request.ts'
import { type CursorScope, encodeCursor, type Position } from '../../platform/pagination/cursor.ts'
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

/**
 * One page of a list that is sorted by date, newest first.
 * @throws BAD_REQUEST for a cursor of another list, or both kinds of pages at once
 */
export async function readPage<Row extends Dated, T>(
  request: PageRequest,
  source: ListSource<Row, T>,
): Promise<Page<T>> {
  const scope: CursorScope = { ...source.scope, keyType: 'timestamptz' }
  const slice = sliceOf(request, scope)
  const { limit } = slice
  const [rows, total] = await Promise.all([
    source.rows({
      take: limit + 1,
      skip: slice.by === 'page' ? slice.offset : 0,
      after: slice.by === 'cursor' && slice.after !== undefined ? rowOf(slice.after) : undefined,
    }),
    slice.by === 'page' ? source.count() : undefined,
  ])
  return pageOf(rows, {
    limit,
    total,
    present: source.present,
    cursorOf: ({ id, createdAt }) => encodeCursor(scope, { id, key: createdAt.toISOString() }),
  })
}

function rowOf({ id, key }: Position): After {
  // Every list of this module sorts by a date that is never missing; a cursor without one was not made here.
  if (key === null) throw invalid('cursor', 'Give the nextCursor of the page before, with the same filters.')
  return { id, createdAt: new Date(key) }
}
