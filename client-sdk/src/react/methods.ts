import { type MutationFunctionContext, skipToken } from '@tanstack/react-query'
import type { Caller } from './caller.ts'
import { keyOfTry } from './idempotency.ts'
import { queryKey } from './keys.ts'

/** A procedure as options are made of it. */
export interface Procedure {
  readonly key: readonly string[]
  readonly call: Caller
}

interface Given {
  readonly call?: object
  readonly [option: string]: unknown
}

interface QueryContext {
  readonly signal: AbortSignal
  readonly pageParam?: unknown
}

/**
 * What a query has. TanStack's own retries are off: the client has retried what may pass by the time it fails. A query
 * nobody waits for any more is aborted.
 */
export function queryMethods({ key, call }: Procedure): object {
  const fetcher = (input: unknown, options: object | undefined) =>
    input === skipToken
      ? skipToken
      : ({ signal, pageParam }: QueryContext) =>
          call('query', typeof pageParam === 'string' ? { ...asObject(input), cursor: pageParam } : input, {
            ...options,
            signal,
          })
  return {
    queryOptions: (input: unknown, { call: options, ...given }: Given = {}) => ({
      retry: false,
      ...given,
      queryKey: queryKey(key, 'query', input),
      queryFn: fetcher(input, options),
    }),
    queryKey: (input?: unknown) => queryKey(key, 'query', input),
    queryFilter: (input?: unknown, filters?: object) => ({
      ...filters,
      queryKey: queryKey(key, 'query', input),
    }),
    infiniteQueryOptions: (input: unknown, { call: options, ...given }: Given = {}) => ({
      retry: false,
      initialPageParam: null,
      getNextPageParam: nextCursor,
      ...given,
      queryKey: queryKey(key, 'infinite', input),
      queryFn: fetcher(input, options),
    }),
    infiniteQueryKey: (input?: unknown) => queryKey(key, 'infinite', input),
    infiniteQueryFilter: (input?: unknown, filters?: object) => ({
      ...filters,
      queryKey: queryKey(key, 'infinite', input),
    }),
  }
}

interface Page {
  readonly pagination: { readonly nextCursor: string | null }
}

function nextCursor(last: Page): string | null {
  return last.pagination.nextCursor
}

/** What a mutation has. */
export function mutationMethods({ key, call }: Procedure): object {
  return {
    mutationOptions: ({ call: options, ...given }: Given = {}) => ({
      ...given,
      mutationKey: [key],
      mutationFn: (variables: unknown, context?: MutationFunctionContext) =>
        call('mutate', variables, { ...options, idempotencyKey: keyOfTry(variables, context) }),
    }),
    mutationKey: () => [key],
  }
}

/** What a subscription has. */
export function subscriptionMethods({ key, call }: Procedure): object {
  return {
    subscriptionOptions: (input: unknown, { enabled = true, ...given }: Given = {}) => ({
      ...given,
      enabled: enabled === true && input !== skipToken,
      queryKey: input === undefined || input === skipToken ? [key] : [key, { input }],
      subscribe: (handlers: object) => call('subscribe', input, handlers),
    }),
  }
}

function asObject(input: unknown): object {
  return typeof input === 'object' && input !== null ? input : {}
}
