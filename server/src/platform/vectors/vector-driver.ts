import type { VectorItem, VectorQuery, VectorSpace, VectorStore, VectorStoreKind } from './vector-store.ts'

/**
 * What a store has to bring itself; {@link guardedStore} adds what all have in common. It is never given an empty list, a
 * vector that does not fit, or two items with one chunk id; items come sorted by chunk id, so that two who write the same
 * ones lock them in one order.
 */
export interface VectorDriver
  extends Pick<VectorStore, 'createSpace' | 'dropSpace' | 'removeChunks' | 'count'> {
  readonly kind: VectorStoreKind
  /** How many items one call of `upsert` takes at most. */
  readonly batch: number
  /** Prepares what it needs and finds out whether it works. @throws VectorStoreError */
  check(signal: AbortSignal): Promise<void>
  upsert(space: VectorSpace, items: readonly VectorItem[], signal: AbortSignal): Promise<void>
  search(query: VectorQuery): ReturnType<VectorStore['search']>
  close(): Promise<void>
}
