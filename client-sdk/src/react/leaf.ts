import type { QueryFilters } from '@tanstack/react-query'
import type { PlinthKey } from './keys.ts'

/** What TanStack’s options have and these make themselves. */
export type Reserved = 'queryKey' | 'queryFn' | 'queryKeyHashFn' | 'queryHash' | 'initialData'

/** Filters with their key. */
export interface KeyedFilters<Key extends PlinthKey> extends Omit<QueryFilters<Key>, 'queryKey'> {
  readonly queryKey: Key
}

/** The types of a procedure; there is no such value. */
export interface ProcedureTypes<Input, Output, Failure> {
  readonly input: Input
  readonly output: Output
  readonly error: Failure
}

/** What a router and a procedure have in common. */
export interface Branch {
  /** The key of all queries below it, whatever their input. */
  pathKey(): PlinthKey
  /** Filters for all queries below it: `queryClient.invalidateQueries(plinth.tasks.pathFilter())`. */
  pathFilter(filters?: Omit<QueryFilters<PlinthKey>, 'queryKey'>): KeyedFilters<PlinthKey>
}

/** A procedure. */
export interface Leaf<Input, Output, Failure> extends Branch {
  /** Its types: `typeof plinth.tasks.create['~types']['input']`. Reading it at run time throws. */
  readonly '~types': ProcedureTypes<Input, Output, Failure>
}
