import { type CursorScope, decodeCursor, type Position } from '../platform/pagination/cursor.ts'
import type { Slice } from '../platform/pagination/page.ts'
import { invalid } from './errors.ts'

/** The paging part of a list's input, after parsing. */
export interface PageRequest {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly page?: number | undefined
}

/**
 * Which rows of the list `scope` a caller asks for.
 * @throws BAD_REQUEST naming `page` when both ways are used, or `cursor` when it belongs to another list
 */
export function sliceOf(input: PageRequest, scope: CursorScope): Slice<Position> {
  const { limit, cursor, page } = input
  if (cursor !== undefined && page !== undefined) {
    throw invalid('page', 'Give either a cursor or a page, not both.', page)
  }
  if (page !== undefined) return { by: 'page', limit, offset: (page - 1) * limit }
  if (cursor === undefined) return { by: 'cursor', limit, after: undefined }
  const after = decodeCursor(scope, cursor)
  if (after === null) {
    throw invalid('cursor', 'Give the nextCursor of this list, asked for with the same sort and filters.')
  }
  return { by: 'cursor', limit, after }
}
