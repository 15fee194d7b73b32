import type {
  DataTag,
  DefinedInitialDataOptions,
  NonUndefinedGuard,
  QueryFilters,
  SkipToken,
  UndefinedInitialDataOptions,
  UnusedSkipTokenOptions,
  UseQueryOptions,
} from '@tanstack/react-query'
import type { CallOptions } from '../options.ts'
import type { PlinthKey } from './keys.ts'
import type { KeyedFilters, Leaf, Reserved } from './leaf.ts'

/** What a query can be told beside TanStack’s options. */
export interface QueryCallOptions {
  /** For the call itself: its time limit, how it is tried again. */
  readonly call?: Omit<CallOptions, 'signal' | 'idempotencyKey'> | undefined
}

interface In<Output, Failure, Data>
  extends Omit<UseQueryOptions<Output, Failure, Data, PlinthKey>, Reserved>,
    QueryCallOptions {}

interface WithoutInitialData<Output, Failure, Data> extends In<Output, Failure, Data> {
  initialData?: undefined
}

interface WithInitialData<Output, Failure, Data> extends In<Output, Failure, Data> {
  initialData: NonUndefinedGuard<Output> | (() => NonUndefinedGuard<Output>)
}

interface MaybeInitialData<Output, Failure, Data> extends In<Output, Failure, Data> {
  initialData?: Output | (() => Output | undefined) | undefined
}

interface Tagged<Output, Failure> {
  queryKey: DataTag<PlinthKey, Output, Failure>
}

interface QueryOptions<Output, Failure, Data>
  extends UnusedSkipTokenOptions<Output, Failure, Data, PlinthKey> {
  queryKey: DataTag<PlinthKey, Output, Failure>
}

/** The commonest first: the compiler tries them in order, and an error names the last. */
interface MakeQueryOptions<Input, Output, Failure> {
  <Data = Output>(
    input: Input,
    options?: WithoutInitialData<Output, Failure, Data>,
  ): QueryOptions<Output, Failure, Data>
  <Data = Output>(
    input: Input | SkipToken,
    options: WithInitialData<Output, Failure, Data>,
  ): DefinedInitialDataOptions<Output, Failure, Data, PlinthKey> & Tagged<Output, Failure>
  <Data = Output>(
    input: Input | SkipToken,
    options?: MaybeInitialData<Output, Failure, Data>,
  ): UndefinedInitialDataOptions<Output, Failure, Data, PlinthKey> & Tagged<Output, Failure>
}

/** A query, for TanStack Query. */
export interface QueryLeaf<Input, Output, Failure> extends Leaf<Input, Output, Failure> {
  /** Options for `useQuery`, `useSuspenseQuery`, `useQueries`, `prefetchQuery` and so on; `skipToken` asks nothing. */
  readonly queryOptions: MakeQueryOptions<Input, Output, Failure>
  /** The key of the query with this input, for `getQueryData` and `setQueryData`. Without input: of all of them. */
  queryKey(input?: Input): DataTag<PlinthKey, Output, Failure>
  /** Filters for the queries whose input has at least these fields. */
  queryFilter(
    input?: Partial<Input>,
    filters?: Omit<QueryFilters<PlinthKey>, 'queryKey'>,
  ): KeyedFilters<DataTag<PlinthKey, Output, Failure>>
}
