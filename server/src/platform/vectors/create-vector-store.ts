import type { Database } from '../database/index.ts'
import type { Logger } from '../logger.ts'
import { createChromaDriver } from './chroma/chroma-driver.ts'
import { createExactDriver } from './exact/exact-driver.ts'
import { guardedStore } from './guarded-store.ts'
import { createPgvectorDriver } from './pgvector/pgvector-driver.ts'
import { createQdrantDriver } from './qdrant/qdrant-driver.ts'
import type { VectorDriver } from './vector-driver.ts'
import type { VectorOptions } from './vector-options.ts'
import type { VectorStore, VectorStoreKind } from './vector-store.ts'

type Guarded = ReturnType<typeof guardedStore>

/** The server's store of vectors: the one configured, else pgvector where the database has it, else exact. No I/O yet. */
export function createVectorStore(
  options: VectorOptions,
  database: Pick<Database, 'kind' | 'pool'>,
  logger: Pick<Logger, 'info' | 'warn' | 'error'>,
): VectorStore {
  let chosen = options.store === undefined ? undefined : guardedStore(driverOf(options.store))
  const store = (): Guarded => {
    if (chosen === undefined) throw new Error('The vector store was not started')
    return chosen
  }
  return {
    get kind() {
      return store().kind
    },
    async start() {
      if (options.store === undefined) {
        chosen = guardedStore(await firstThatWorks(database, logger))
        return
      }
      try {
        await store().check(AbortSignal.timeout(START_LIMIT_MS))
      } catch (error) {
        logger.error(`VECTOR_STORE=${options.store} cannot be used; everything else works`, { error })
      }
    },
    check: (signal) => store().check(signal),
    createSpace: (space, signal) => store().createSpace(space, signal),
    dropSpace: (spaceId, signal) => store().dropSpace(spaceId, signal),
    upsert: (space, items, signal) => store().upsert(space, items, signal),
    removeChunks: (spaceId, chunkIds, signal) => store().removeChunks(spaceId, chunkIds, signal),
    search: (query) => store().search(query),
    count: (spaceId, signal) => store().count(spaceId, signal),
    close: async () => await chosen?.close(),
  }

  function driverOf(kind: VectorStoreKind): VectorDriver {
    if (kind === 'chroma') return createChromaDriver(options.chromaUrl)
    if (kind === 'qdrant') return createQdrantDriver(options.qdrantUrl, options.qdrantApiKey)
    return kind === 'exact' ? createExactDriver(database) : createPgvectorDriver(database, logger)
  }
}

/** Preparing takes some hundred milliseconds; a server that is not there must not hold the start up. */
const START_LIMIT_MS = 10_000

async function firstThatWorks(
  database: Pick<Database, 'kind' | 'pool'>,
  logger: Pick<Logger, 'info' | 'warn'>,
): Promise<VectorDriver> {
  const pgvector = createPgvectorDriver(database, logger)
  try {
    await pgvector.check(AbortSignal.timeout(START_LIMIT_MS))
    return pgvector
  } catch (error) {
    logger.warn('Searching vectors one by one, because pgvector cannot be used', { error })
    return createExactDriver(database)
  }
}
