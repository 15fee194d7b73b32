import { z } from 'zod'
import { searchSpaces } from '../http/search-spaces.ts'
import { createVectorServer, type ServerCall } from '../http/vector-server.ts'
import type { VectorDriver } from '../vector-driver.ts'
import type { VectorHit, VectorSpace } from '../vector-store.ts'
import { VectorStoreError } from '../vector-store-error.ts'

const BATCH = 200
/** Collections whose ids are remembered; Chroma takes names only for some calls. */
const REMEMBERED = 2_000
const BELOW = '/api/v2/tenants/default_tenant/databases/default_database/collections'

const collectionSchema = z.object({
  id: z.string(),
  metadata: z.object({ dimension: z.int() }),
})
type Collection = z.output<typeof collectionSchema>
const anything = z.unknown()
const queried = z.object({
  ids: z.array(z.array(z.string())).length(1),
  distances: z.array(z.array(z.number())).length(1),
})

/**
 * Vectors on a Chroma server (version 1), a collection for each space. Speaks its HTTP interface itself: the official
 * client cannot be had without 105 MB of native code for running Chroma inside the process.
 */
export function createChromaDriver(url: string | undefined): VectorDriver {
  if (url === undefined) throw new Error('VECTOR_STORE=chroma needs CHROMA_URL')
  const server = createVectorServer({ name: 'Chroma', baseUrl: url })
  const known = new Map<string, Collection>()

  return {
    kind: 'chroma',
    batch: BATCH,
    async check(signal) {
      const answer = z.object({ 'nanosecond heartbeat': z.number() })
      const alive = await server.call({ method: 'GET', path: '/api/v2/heartbeat', answer, signal })
      if (alive === null) {
        throw new VectorStoreError('not_set_up', 'There is no Chroma of version 1 at CHROMA_URL.')
      }
    },
    async createSpace(space, signal) {
      await create(space, signal)
    },
    async dropSpace(spaceId, signal) {
      known.delete(spaceId)
      await server.call({
        method: 'DELETE',
        path: `${BELOW}/${nameOf(spaceId)}`,
        answer: anything,
        signal,
      })
    },
    async upsert(space, items, signal) {
      const body = {
        ids: items.map(({ chunkId }) => chunkId),
        embeddings: items.map(({ vector }) => Array.from(vector)),
        metadatas: items.map(({ documentId, knowledgeBaseId }) => ({ documentId, knowledgeBaseId })),
      }
      const made = known.get(space.id) ?? (await create(space, signal))
      requireDimension(made, space.dimension)
      const done = await inCollection(made, 'upsert', { body, answer: anything, signal })
      if (done !== null) return
      await inCollection(await create(space, signal), 'upsert', { body, answer: anything, signal })
    },
    async removeChunks(spaceId, chunkIds, signal) {
      await withCollection(spaceId, signal, (collection) =>
        inCollection(collection, 'delete', { body: { ids: chunkIds }, answer: anything, signal }),
      )
    },
    search: ({ spaceIds, vector, limit, signal }) =>
      searchSpaces(spaceIds, limit, async (spaceId): Promise<VectorHit[]> => {
        const body = { query_embeddings: [Array.from(vector)], n_results: limit, include: ['distances'] }
        const found = await withCollection(spaceId, signal, (collection) => {
          requireDimension(collection, vector.length)
          return inCollection(collection, 'query', { body, answer: queried, signal })
        })
        const distances = found?.distances[0] ?? []
        return (found?.ids[0] ?? []).map((chunkId, index) => ({
          chunkId,
          score: 1 - (distances[index] ?? 2),
        }))
      }),
    async count(spaceId, signal) {
      const count = await withCollection(spaceId, signal, ({ id }) =>
        server.call({ method: 'GET', path: `${BELOW}/${id}/count`, answer: z.int(), signal }),
      )
      return count ?? 0
    },
    close: () => Promise.resolve(),
  }

  async function create({ id, dimension }: VectorSpace, signal: AbortSignal): Promise<Collection> {
    const body = {
      name: nameOf(id),
      get_or_create: true,
      metadata: { dimension },
      configuration: { hnsw: { space: 'cosine', ef_search: 200 } },
    }
    const made = await server.call({ method: 'POST', path: BELOW, body, answer: collectionSchema, signal })
    if (made === null) throw new VectorStoreError('not_set_up', 'Chroma has no default database.')
    return remember(id, made)
  }

  function remember(spaceId: string, collection: Collection): Collection {
    const [oldest] = known.keys()
    if (known.size >= REMEMBERED && oldest !== undefined) known.delete(oldest)
    known.set(spaceId, collection)
    return collection
  }

  /** Null where the space is not there. One that was made anew elsewhere has another id. */
  async function withCollection<T>(
    spaceId: string,
    signal: AbortSignal,
    work: (collection: Collection) => Promise<T | null>,
  ): Promise<T | null> {
    const remembered = known.get(spaceId)
    const answer = remembered === undefined ? null : await work(remembered)
    if (answer !== null) return answer
    known.delete(spaceId)
    const path = `${BELOW}/${nameOf(spaceId)}`
    const found = await server.call({ method: 'GET', path, answer: collectionSchema, signal })
    return found === null ? null : await work(remember(spaceId, found))
  }

  function inCollection<Schema extends z.ZodType>(
    { id }: Collection,
    what: 'upsert' | 'delete' | 'query',
    call: Pick<ServerCall<Schema>, 'body' | 'answer' | 'signal'>,
  ) {
    return server.call({ method: 'POST', path: `${BELOW}/${id}/${what}`, ...call })
  }
}

function nameOf(spaceId: string): string {
  return `plinth-${encodeURIComponent(spaceId)}`
}

function requireDimension({ metadata }: Collection, dimension: number): void {
  if (metadata.dimension === dimension) return
  throw new VectorStoreError('invalid', 'The vector has another length than those of its space.')
}
