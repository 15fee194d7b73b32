import { z } from 'zod'
import { searchSpaces } from '../http/search-spaces.ts'
import { createVectorServer, ServerRefusal } from '../http/vector-server.ts'
import type { VectorDriver } from '../vector-driver.ts'
import type { VectorHit, VectorSpace } from '../vector-store.ts'
import { VectorStoreError } from '../vector-store-error.ts'

const BATCH = 200
const anything = z.unknown()
const queried = z.object({
  result: z.object({ points: z.array(z.object({ id: z.string(), score: z.number() })) }),
})
const counted = z.object({ result: z.object({ count: z.int() }) })

/**
 * Vectors on a Qdrant server (1.10 or newer), a collection for each space. Speaks its REST interface itself: the official
 * client cannot be told to give a call up.
 */
export function createQdrantDriver(url: string | undefined, apiKey: string | undefined): VectorDriver {
  if (url === undefined) throw new Error('VECTOR_STORE=qdrant needs QDRANT_URL')
  const headers = apiKey === undefined ? {} : { 'api-key': apiKey }
  const server = createVectorServer({ name: 'Qdrant', baseUrl: url, headers })

  return {
    kind: 'qdrant',
    batch: BATCH,
    async check(signal) {
      await server.call({
        method: 'GET',
        path: '/collections',
        answer: z.object({ result: anything }),
        signal,
      })
    },
    createSpace: create,
    async dropSpace(spaceId, signal) {
      await server.call({ method: 'DELETE', path: pathOf(spaceId), answer: anything, signal })
    },
    async upsert(space, items, signal) {
      const points = items.map(({ chunkId, documentId, knowledgeBaseId, vector }) => ({
        id: chunkId,
        vector: Array.from(vector),
        payload: { documentId, knowledgeBaseId },
      }))
      const write = () =>
        fitting(() =>
          server.call({
            method: 'PUT',
            path: `${pathOf(space.id)}/points?wait=true`,
            body: { points },
            answer: anything,
            signal,
          }),
        )
      if ((await write()) !== null) return
      await create(space, signal)
      await write()
    },
    async removeChunks(spaceId, chunkIds, signal) {
      await server.call({
        method: 'POST',
        path: `${pathOf(spaceId)}/points/delete?wait=true`,
        body: { points: chunkIds },
        answer: anything,
        signal,
      })
    },
    search: ({ spaceIds, vector, limit, signal }) =>
      searchSpaces(spaceIds, limit, async (spaceId): Promise<VectorHit[]> => {
        const found = await fitting(() =>
          server.call({
            method: 'POST',
            path: `${pathOf(spaceId)}/points/query`,
            body: { query: Array.from(vector), limit, with_payload: false },
            answer: queried,
            signal,
          }),
        )
        return (found?.result.points ?? []).map(({ id, score }) => ({ chunkId: id, score }))
      }),
    async count(spaceId, signal) {
      const path = `${pathOf(spaceId)}/points/count`
      const found = await server.call({
        method: 'POST',
        path,
        body: { exact: true },
        answer: counted,
        signal,
      })
      return found?.result.count ?? 0
    },
    close: () => Promise.resolve(),
  }

  async function create({ id, dimension }: VectorSpace, signal: AbortSignal): Promise<void> {
    try {
      const body = { vectors: { size: dimension, distance: 'Cosine' } }
      await server.call({ method: 'PUT', path: pathOf(id), body, answer: anything, signal })
    } catch (error) {
      if (!(error instanceof ServerRefusal && isThere(error))) throw error
    }
  }
}

/** Older servers say 400, newer ones 409. */
function isThere({ status, said }: ServerRefusal): boolean {
  return (status === 409 || status === 400) && said.includes('already exists')
}

/** @throws VectorStoreError `invalid` where the server says that a vector has the wrong length */
async function fitting<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ServerRefusal && error.said.includes('dimension'))) throw error
    throw new VectorStoreError('invalid', 'The vector has another length than those of its space.', error)
  }
}

function pathOf(spaceId: string): string {
  return `/collections/plinth-${encodeURIComponent(spaceId)}`
}
