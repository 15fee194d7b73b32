import type {
  DataTag,
  DefinedInitialDataInfiniteOptions,
  GetNextPageParamFunction,
  InfiniteData,
  QueryFilters,
  SkipToken,
  UndefinedInitialDataInfiniteOptions,
  UnusedSkipTokenInfiniteOptions,
  UseInfiniteQueryOptions,
} from '@tanstack/react-query'
import type { PlinthKey } from './keys.ts'
import type { KeyedFilters, Reserved } from './leaf.ts'
import type { QueryCallOptions, QueryLeaf } from './query.ts'

/** The cursor of a page; null for the first. */
export type Cursor = string | null

/** All pages of a list. */
type Pages<Output> = InfiniteData<Output, Cursor>

/** The input of a list but for which page of it. */
type WithoutPlace<Input> = Input extends object ? Omit<Input, 'cursor' | 'page'> : Input

interface In<Output, Failure, Data>
  extends Omit<
      UseInfiniteQueryOptions<Output, Failure, Data, PlinthKey, Cursor>,
      Reserved | 'initialPageParam' | 'getNextPageParam'
    >,
    QueryCallOptions {
  /** The cursor to begin with; the list’s beginning unless told otherwise. */
  initialPageParam?: Cursor
  /** `pagination.nextCursor` unless told otherwise. */
  getNextPageParam?: GetNextPageParamFunction<Cursor, Output>
}

interface WithoutInitialData<Output, Failure, Data> extends In<Output, Failure, Data> {
  initialData?: undefined
}

interface WithInitialData<Output, Failure, Data> extends In<Output, Failure, Data> {
  initialData: Pages<Output> | (() => Pages<Output>)
}

interface MaybeInitialData<Output, Failure, Data> extends In<Output, Failure, Data> {
  initialData?: Pages<Output> | (() => Pages<Output> | undefined) | undefined
}

interface Tagged<Output, Failure> {
  queryKey: DataTag<PlinthKey, Pages<Output>, Failure>
}

interface InfiniteOptions<Output, Failure, Data>
  extends UnusedSkipTokenInfiniteOptions<Output, Failure, Data, PlinthKey, Cursor> {
  queryKey: DataTag<PlinthKey, Pages<Output>, Failure>
}

interface MakeInfiniteOptions<Input, Output, Failure> {
  <Data = Pages<Output>>(
    input: WithoutPlace<Input>,
    options?: WithoutInitialData<Output, Failure, Data>,
  ): InfiniteOptions<Output, Failure, Data>
  <Data = Pages<Output>>(
    input: WithoutPlace<Input> | SkipToken,
    options: WithInitialData<Output, Failure, Data>,
  ): DefinedInitialDataInfiniteOptions<Output, Failure, Data, PlinthKey, Cursor> & Tagged<Output, Failure>
  <Data = Pages<Output>>(
    input: WithoutPlace<Input> | SkipToken,
    options?: MaybeInitialData<Output, Failure, Data>,
  ): UndefinedInitialDataInfiniteOptions<Output, Failure, Data, PlinthKey, Cursor> & Tagged<Output, Failure>
}

/** A list, for TanStack Query: once, or page after page. */
export interface ListLeaf<Input, Output, Failure> extends QueryLeaf<Input, Output, Failure> {
  /** Options for `useInfiniteQuery` and `useSuspenseInfiniteQuery`; pages follow each other by their cursor. */
  readonly infiniteQueryOptions: MakeInfiniteOptions<Input, Output, Failure>
  /** The key of the pages with this input. Without input: of all of them. */
  infiniteQueryKey(input?: WithoutPlace<Input>): DataTag<PlinthKey, Pages<Output>, Failure>
  /** Filters for the pages whose input has at least these fields. */
  infiniteQueryFilter(
    input?: Partial<WithoutPlace<Input>>,
    filters?: Omit<QueryFilters<PlinthKey>, 'queryKey'>,
  ): KeyedFilters<DataTag<PlinthKey, Pages<Output>, Failure>>
}
