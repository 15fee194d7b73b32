import { skipToken } from '@tanstack/react-query'

/**
 * The key of a query, a mutation or a subscription: the parts of its path, then its input. TanStack compares keys from
 * their beginning, so the key of `tasks` matches everything of `tasks.list`.
 */
export type PlinthKey = readonly [path: readonly string[], details?: KeyDetails]

/** What a key says beside the path. A list read in pages is kept apart from the same list read once. */
export interface KeyDetails {
  readonly input?: unknown
  readonly type?: 'query' | 'infinite'
}

/** The key of everything below a path. */
export function pathKey(path: readonly string[]): PlinthKey {
  return [path]
}

/** The key of a query with `input`; without one, of the query with any input. */
export function queryKey(path: readonly string[], type: 'query' | 'infinite', input: unknown): PlinthKey {
  if (input === undefined || input === skipToken) return [path, { type }]
  return [path, { input: type === 'infinite' ? withoutPlace(input) : input, type }]
}

/** Which page it is does not make it another list. */
function withoutPlace(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return input
  return Object.fromEntries(Object.entries(input).filter(([name]) => name !== 'cursor' && name !== 'page'))
}
