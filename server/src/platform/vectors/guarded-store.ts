import { hasDirection, requireFitting } from './fitting.ts'
import type { VectorDriver } from './vector-driver.ts'
import type { VectorItem, VectorStore } from './vector-store.ts'
import { VectorStoreError } from './vector-store-error.ts'

/** A search that takes longer helps nobody: the answer goes by the text alone then. */
const SEARCH_LIMIT_MS = 3_000
/** One batch written, or an index made. */
const WRITE_LIMIT_MS = 30_000
const CHECK_LIMIT_MS = 2_000
/** Identifiers that are removed in one call. */
const REMOVED_AT_ONCE = 1_000

/** What all stores have in common: what is refused, how much goes in one call, and how long one may take. */
export function guardedStore(driver: VectorDriver): Omit<VectorStore, 'start'> {
  return {
    kind: driver.kind,
    check: (signal) => within(CHECK_LIMIT_MS, signal, (limited) => driver.check(limited)),
    createSpace(space, signal) {
      return within(WRITE_LIMIT_MS, signal, (limited) => driver.createSpace(space, limited))
    },
    dropSpace(spaceId, signal) {
      return within(WRITE_LIMIT_MS, signal, (limited) => driver.dropSpace(spaceId, limited))
    },
    async upsert(space, items, signal) {
      for (const item of items) requireFitting(item.vector, space.dimension)
      const unique = lastOfEach(items)
      const kept = unique.filter(({ vector }) => hasDirection(vector))
      for (const batch of batches(kept, driver.batch)) {
        await within(WRITE_LIMIT_MS, signal, (limited) => driver.upsert(space, batch, limited))
      }
      // What was there under these ids stands for a text that is no more.
      const blank = unique.filter(({ vector }) => !hasDirection(vector)).map(({ chunkId }) => chunkId)
      await remove(space.id, blank, signal)
    },
    removeChunks: remove,
    async search(query) {
      const { vector, spaceIds, limit, signal } = query
      requireFitting(vector, vector.length)
      if (spaceIds.length === 0 || limit < 1 || !hasDirection(vector)) return []
      return await within(SEARCH_LIMIT_MS, signal, (limited) => driver.search({ ...query, signal: limited }))
    },
    count(spaceId, signal) {
      return within(SEARCH_LIMIT_MS, signal, (limited) => driver.count(spaceId, limited))
    },
    close: () => driver.close(),
  }

  async function remove(spaceId: string, chunkIds: readonly string[], signal: AbortSignal): Promise<void> {
    for (const batch of batches([...new Set(chunkIds)].sort(), REMOVED_AT_ONCE)) {
      await within(WRITE_LIMIT_MS, signal, (limited) => driver.removeChunks(spaceId, batch, limited))
    }
  }
}

/** One per chunk id, the last one given, sorted by it. */
function lastOfEach(items: readonly VectorItem[]): VectorItem[] {
  const byId = new Map(items.map((item) => [item.chunkId, item]))
  return [...byId.values()].sort((a, b) => (a.chunkId < b.chunkId ? -1 : 1))
}

function* batches<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += size) yield all.slice(start, start + size)
}

/**
 * Ends waiting when `signal` says so or the time is up, also where the work itself does not listen.
 * @throws the signal's reason; VectorStoreError `timeout`
 */
async function within<T>(
  limitMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const late = new AbortController()
  const limited = AbortSignal.any([signal, late.signal])
  const timer = setTimeout(() => {
    late.abort(
      new VectorStoreError('timeout', `The vector store did not answer within ${limitMs / 1_000} s.`),
    )
  }, limitMs)
  const ended = Promise.withResolvers<never>()
  const onAbort = (): void => ended.reject(limited.reason)
  limited.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work(limited), ended.promise])
  } finally {
    clearTimeout(timer)
    limited.removeEventListener('abort', onAbort)
  }
}
