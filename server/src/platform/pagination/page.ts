/** The part of a list that was asked for: what follows a place, or rows counted from the start. */
export type Slice<P> = { readonly limit: number } & (
  | { readonly by: 'cursor'; readonly after: P | undefined }
  | { readonly by: 'page'; readonly offset: number }
)

/** One page of a list as every list procedure answers. */
export interface Page<T> {
  readonly data: T[]
  readonly pagination: {
    readonly hasNext: boolean
    readonly nextCursor: string | null
    readonly limit: number
    readonly total?: number
  }
}

/** How {@link pageOf} makes a page of rows. */
export interface PageOptions<Row, T> {
  readonly limit: number
  /** All rows that match; left out when nobody counted. */
  readonly total?: number | undefined
  readonly present: (row: Row) => T
  readonly cursorOf: (row: Row) => string
}

/** A page of rows that were read with a limit of `limit + 1`: the extra one says that there are more. */
export function pageOf<Row, T>(rows: readonly Row[], options: PageOptions<Row, T>): Page<T> {
  const { limit, total, present, cursorOf } = options
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const hasNext = rows.length > limit
  return {
    data: shown.map(present),
    pagination: {
      hasNext,
      nextCursor: hasNext && last !== undefined ? cursorOf(last) : null,
      limit,
      ...(total === undefined ? {} : { total }),
    },
  }
}
