import type { Database } from '../../database/index.ts'
import type { Logger } from '../../logger.ts'
import { NO_SUCH_TABLE, sqlFailure, sqlStateOf } from '../sql-failure.ts'
import type { VectorDriver } from '../vector-driver.ts'
import type { VectorHit, VectorSpace } from '../vector-store.ts'
import { MAKING_LOCK, setUpPgvector } from './set-up.ts'

/**
 * Each row is put into the graph as it comes. On the embedded database that takes 17–34 ms a row, and all other statements
 * wait for the whole batch.
 */
const BATCH = 10
/** Longer vectors fit into pgvector's index only with half the bits per number. */
const LONGEST_IN_FULL = 2_000
const LONGEST_INDEXED = 4_000
/**
 * A space with fewer numbers than these is read through in 25 ms on the embedded database; one with more gets a graph,
 * which is made in some seconds then.
 */
const NUMBERS_WITHOUT_GRAPH = 1_500_000
const FEWEST_WITH_GRAPH = 500
const REMEMBERED = 10_000

/** Vectors in the database itself: a table for each space, in a schema Prisma knows nothing of. */
export function createPgvectorDriver(
  { pool }: Pick<Database, 'pool'>,
  logger: Pick<Logger, 'warn'>,
): VectorDriver {
  /** How many rows a space must have before its graph is looked after again. */
  const graphFrom = new Map<string, number>()
  let prepared: Promise<void> | undefined

  const prepare = async (): Promise<void> => {
    prepared ??= setUpPgvector(pool)
    try {
      await prepared
    } catch (error) {
      prepared = undefined
      throw error
    }
  }

  return {
    kind: 'pgvector',
    batch: BATCH,
    check: () => guarded(prepare),
    createSpace: (space) => guarded(() => create(space)),
    dropSpace: (spaceId) =>
      guarded(async () => {
        graphFrom.delete(spaceId)
        await pool.query(`DROP TABLE IF EXISTS ${tableOf(spaceId)}`)
      }),
    upsert: (space, items) =>
      guarded(async () => {
        const statement = {
          text: `INSERT INTO ${tableOf(space.id)} AS kept (chunk_id, embedding)
            SELECT given.id, given.embedding::${typeOf(space.dimension)}
            FROM unnest($1::uuid[], $2::text[]) AS given (id, embedding)
            ON CONFLICT (chunk_id) DO UPDATE SET embedding = excluded.embedding`,
          values: [items.map(({ chunkId }) => chunkId), items.map(({ vector }) => textOf(vector))],
        }
        const done = await unlessMissing(() => pool.query(statement))
        if (done === undefined) {
          await create(space)
          await pool.query(statement)
        }
        await keepGraph(space)
      }),
    removeChunks: (spaceId, chunkIds) =>
      guarded(async () => {
        await unlessMissing(() =>
          pool.query(`DELETE FROM ${tableOf(spaceId)} WHERE chunk_id = ANY ($1::uuid[])`, [chunkIds]),
        )
      }),
    search: ({ spaceIds, vector, limit }) =>
      guarded(async () => {
        await prepare()
        const { rows } = await pool.query<VectorHit>({
          name: 'vectors-nearest',
          text: `SELECT chunk_id AS "chunkId", score FROM vectors.nearest($1::uuid[], $2, $3)
            ORDER BY score DESC, chunk_id LIMIT $3`,
          values: [spaceIds, textOf(vector), limit],
        })
        return rows
      }),
    count: (spaceId) =>
      guarded(async () => {
        const count = await unlessMissing(() => countRows(spaceId))
        return count ?? 0
      }),
    close: () => Promise.resolve(),
  }

  async function create({ id, dimension }: VectorSpace): Promise<void> {
    await prepare()
    const table = tableOf(id)
    await pool.query(`SELECT pg_advisory_xact_lock(${MAKING_LOCK});
      CREATE TABLE IF NOT EXISTS ${table} (
        chunk_id uuid PRIMARY KEY,
        embedding ${typeOf(dimension)}(${dimension}) NOT NULL
      );
      COMMENT ON TABLE ${table} IS 'The vectors of the embedding space ${requireId(id)}.'`)
  }

  async function countRows(spaceId: string): Promise<number> {
    const { rows } = await pool.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM ${tableOf(spaceId)}`,
    )
    return rows[0]?.count ?? 0
  }

  /**
   * Makes the graph of a space that has grown; two who do it at once make it once. Where it fails (there is no time for
   * it), the space is read through as before, and it is tried again when there is twice as much.
   */
  async function keepGraph({ id, dimension }: VectorSpace): Promise<void> {
    if (dimension > LONGEST_INDEXED) return
    const enough = Math.max(FEWEST_WITH_GRAPH, Math.ceil(NUMBERS_WITHOUT_GRAPH / dimension))
    const wanted = graphFrom.get(id) ?? enough
    if (wanted === Number.POSITIVE_INFINITY) return
    const rows = await countRows(id)
    if (rows < wanted) return
    if (graphFrom.size >= REMEMBERED) graphFrom.clear()
    graphFrom.set(id, rows * 2)
    try {
      await pool.query(`SELECT pg_advisory_xact_lock(${MAKING_LOCK});
        CREATE INDEX IF NOT EXISTS ${nameOf(id)}_graph ON ${tableOf(id)}
        USING hnsw (embedding ${typeOf(dimension)}_cosine_ops)`)
      graphFrom.set(id, Number.POSITIVE_INFINITY)
    } catch (error) {
      logger.warn('A space of vectors stays without its graph for now', { spaceId: id, rows, error })
    }
  }
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw sqlFailure(error)
  }
}

async function unlessMissing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (sqlStateOf(error) === NO_SUCH_TABLE) return undefined
    throw error
  }
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/

/** Names of tables cannot be bound; nothing but a UUID gets into one. */
function requireId(spaceId: string): string {
  const id = spaceId.toLowerCase()
  if (!UUID.test(id)) throw new Error('The id of a space is a UUID')
  return id
}

function nameOf(spaceId: string): string {
  return `space_${requireId(spaceId).replaceAll('-', '')}`
}

function tableOf(spaceId: string): string {
  return `vectors.${nameOf(spaceId)}`
}

function typeOf(dimension: number): 'vector' | 'halfvec' {
  return dimension > LONGEST_IN_FULL && dimension <= LONGEST_INDEXED ? 'halfvec' : 'vector'
}

/** Eight digits are more than a 32-bit number holds for certain. */
function textOf(vector: Float32Array): string {
  return `[${Array.from(vector, (number) => Number(number.toPrecision(8))).join(',')}]`
}
