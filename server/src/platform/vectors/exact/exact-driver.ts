import type { Database } from '../../database/index.ts'
import { createThreadPool } from '../../threads/thread-pool.ts'
import { sqlFailure } from '../sql-failure.ts'
import type { VectorDriver } from '../vector-driver.ts'
import type { VectorHit } from '../vector-store.ts'
import { VectorStoreError } from '../vector-store-error.ts'
import { readSpaces, removeVectors, type SpaceState, writeVectors } from './exact-rows.ts'
import type { NearestQuestion, NearRow } from './nearest-rows.ts'
import { setUpExact } from './set-up.ts'
import { createSpaceMemory } from './space-memory.ts'
import { unitOf } from './vector-bytes.ts'

const BATCH = 200
/** 120,000 vectors of 1,024 numbers. */
const MEMORY_BYTES = 512_000_000
const THREADS = 2

/**
 * Vectors as bytes in ordinary tables, compared one by one in threads that share a copy in memory. Finds exactly the
 * nearest and needs no extension; made for some ten thousands of chunks.
 */
export function createExactDriver({ pool }: Pick<Database, 'pool'>): VectorDriver {
  const memory = createSpaceMemory(pool, MEMORY_BYTES)
  const threads = createThreadPool<NearestQuestion, NearRow[]>({
    module: new URL('./nearest-rows.thread.ts', import.meta.url),
    threads: THREADS,
  })
  let prepared: Promise<void> | undefined

  const guarded = async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    try {
      prepared ??= setUpExact(pool)
      await prepared.catch((error: unknown) => {
        prepared = undefined
        throw error
      })
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      throw sqlFailure(error)
    }
  }

  return {
    kind: 'exact',
    batch: BATCH,
    check: (signal) => guarded(signal, () => Promise.resolve()),
    createSpace: ({ id, dimension }, signal) =>
      guarded(signal, async () => {
        await pool.query(
          `INSERT INTO vectors.exact_spaces (space_id, dimension, version) VALUES ($1, $2, 0)
            ON CONFLICT DO NOTHING`,
          [id, dimension],
        )
      }),
    dropSpace: (spaceId, signal) =>
      guarded(signal, async () => {
        await pool.query('DELETE FROM vectors.exact_spaces WHERE space_id = $1', [spaceId])
        memory.forget(spaceId)
      }),
    upsert: (space, items, signal) => guarded(signal, () => writeVectors(pool, space, items)),
    removeChunks: (spaceId, chunkIds, signal) =>
      guarded(signal, () => removeVectors(pool, spaceId, chunkIds)),
    search: ({ spaceIds, vector, limit, signal }) =>
      guarded(signal, async () => {
        const states = await readSpaces(pool, spaceIds)
        const hits: VectorHit[] = []
        // One after the other: what a search holds in memory beyond what is remembered is one space.
        for (const state of states) hits.push(...(await nearest(state, unitOf(vector), limit, signal)))
        return hits.sort((a, b) => b.score - a.score).slice(0, limit)
      }),
    count: (spaceId, signal) =>
      guarded(signal, async () => {
        const { rows } = await pool.query<{ count: number }>(
          'SELECT count(*)::int AS count FROM vectors.exact_vectors WHERE space_id = $1',
          [spaceId],
        )
        return rows[0]?.count ?? 0
      }),
    close: () => threads.close(),
  }

  async function nearest(
    state: SpaceState,
    vector: Float32Array,
    limit: number,
    signal: AbortSignal,
  ): Promise<VectorHit[]> {
    if (state.dimension !== vector.length) {
      throw new VectorStoreError('invalid', 'The vector has another length than those of its space.')
    }
    const space = await memory.load(state, signal)
    const rows = await threads.run({ blocks: space.blocks, vector, limit }, { signal })
    return rows.flatMap(({ block, row, score }) => {
      const chunkId = space.chunkIdAt(block, row)
      return chunkId === undefined ? [] : [{ chunkId, score }]
    })
  }
}
