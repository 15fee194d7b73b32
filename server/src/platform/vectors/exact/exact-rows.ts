import type pg from 'pg'
import type { VectorItem, VectorSpace } from '../vector-store.ts'
import { VectorStoreError } from '../vector-store-error.ts'
import { bytesOf, unitOf } from './vector-bytes.ts'

/** What a space is at, as its row says. */
export interface SpaceState {
  readonly id: string
  readonly dimension: number
  /** Grows with every change. */
  readonly version: number
  /** Another one once something was removed: what is remembered of an era before is of no use. */
  readonly era: number
}

/** A vector as it is kept. */
export interface StoredVector {
  readonly chunkId: string
  readonly version: number
  readonly bytes: Buffer
}

/** The spaces that are there, of those asked for. */
export async function readSpaces(pool: pg.Pool, spaceIds: readonly string[]): Promise<SpaceState[]> {
  const { rows } = await pool.query<SpaceState>({
    name: 'vectors-exact-spaces',
    text: `SELECT space_id AS id, dimension, version::float8 AS version, era::float8 AS era
      FROM vectors.exact_spaces WHERE space_id = ANY ($1::uuid[])`,
    values: [spaceIds],
  })
  return rows
}

/** The next vectors in the order of their versions, up to that of `state`, after the place of `after`. */
export async function readVectors(
  pool: pg.Pool,
  state: SpaceState,
  after: { readonly version: number; readonly chunkId: string },
  limit: number,
): Promise<StoredVector[]> {
  const { rows } = await pool.query<StoredVector>({
    name: 'vectors-exact-rows',
    text: `SELECT chunk_id AS "chunkId", version::float8 AS version, embedding AS bytes FROM vectors.exact_vectors
      WHERE space_id = $1 AND (version, chunk_id) > ($2::bigint, $3::uuid) AND version <= $4::bigint
      ORDER BY version, chunk_id LIMIT $5`,
    values: [state.id, after.version, after.chunkId, state.version, limit],
  })
  return rows
}

/**
 * Writes vectors under the space's next version. The space's row stays locked until the commit, so that versions become
 * visible in their order.
 * @throws VectorStoreError `invalid` when the space has another dimension
 */
export async function writeVectors(
  pool: pg.Pool,
  space: VectorSpace,
  items: readonly VectorItem[],
): Promise<void> {
  const { rowCount } = await pool.query({
    name: 'vectors-exact-write',
    text: `WITH space AS (
        INSERT INTO vectors.exact_spaces AS s (space_id, dimension, version) VALUES ($1, $2, 1)
        ON CONFLICT (space_id) DO UPDATE SET version = s.version + 1 WHERE s.dimension = excluded.dimension
        RETURNING version
      )
      INSERT INTO vectors.exact_vectors (space_id, chunk_id, version, embedding)
      SELECT $1, given.id, space.version, given.embedding
      FROM space, unnest($3::uuid[], $4::bytea[]) AS given (id, embedding)
      ON CONFLICT (space_id, chunk_id) DO UPDATE SET version = excluded.version, embedding = excluded.embedding`,
    values: [
      space.id,
      space.dimension,
      items.map(({ chunkId }) => chunkId),
      items.map(({ vector }) => bytesOf(unitOf(vector))),
    ],
  })
  if (rowCount === 0) {
    throw new VectorStoreError('invalid', 'The vectors have another length than those of their space.')
  }
}

/** Removes vectors; readers drop what they remember of the space when something was there. */
export async function removeVectors(
  pool: pg.Pool,
  spaceId: string,
  chunkIds: readonly string[],
): Promise<void> {
  await pool.query({
    name: 'vectors-exact-remove',
    text: `WITH removed AS (
        DELETE FROM vectors.exact_vectors WHERE space_id = $1 AND chunk_id = ANY ($2::uuid[]) RETURNING 1
      )
      UPDATE vectors.exact_spaces SET version = version + 1, era = nextval('vectors.exact_eras')
      WHERE space_id = $1 AND EXISTS (SELECT FROM removed)`,
    values: [spaceId, chunkIds],
  })
}
