import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { createLogger } from '../../../server/src/platform/logger.ts'
import { createVectorStore, type VectorStoreKind } from '../../../server/src/platform/vectors/index.ts'
import { createTestDatabase, databaseKind } from '../../support/database.ts'
import { startServer } from '../../support/server.ts'

const never = new AbortController().signal
const logger = createLogger({ level: 'silent', format: 'json' })
const pgvectorIsThere = databaseKind() === 'embedded'

function optionsFor(store?: VectorStoreKind) {
  return { store, chromaUrl: undefined, qdrantUrl: undefined, qdrantApiKey: undefined }
}

test('without a choice it is pgvector where the database has it, else exact', async () => {
  const { database, drop } = await createTestDatabase(databaseKind())
  const store = createVectorStore(optionsFor(), database, logger)
  await store.start()
  expect(store.kind).toBe(pgvectorIsThere ? 'pgvector' : 'exact')
  await store.check(never)
  await store.close()
  await drop()
})

test('a server whose database lacks what was chosen starts, and readiness says what is missing', async () => {
  await using server = await startServer({ variables: { VECTOR_STORE: 'pgvector' } })
  const response = await fetch(`${server.baseUrl}/readyz`)
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({
    status: pgvectorIsThere ? 'healthy' : 'degraded',
  })
  const { database } = server
  const store = createVectorStore(optionsFor('pgvector'), database, logger)
  await store.start()
  const failure = await store.check(never).catch((error: unknown) => error)
  if (pgvectorIsThere) expect(failure).toBeUndefined()
  else {
    expect(failure).toMatchObject({ name: 'VectorStoreError', failure: 'not_set_up' })
    expect(String(failure)).toMatch(/has no pgvector\. Install .* or choose another VECTOR_STORE/)
  }
})

test('what one process writes and removes, another one sees', async () => {
  const { database, drop } = await createTestDatabase(databaseKind())
  const [writer, reader] = [0, 1].map(() => createVectorStore(optionsFor('exact'), database, logger))
  if (writer === undefined || reader === undefined) throw new Error('Two were made')
  const space = { id: randomUUID(), dimension: 2 }
  const items = [0, 1, 2].map((angle) => ({
    chunkId: randomUUID(),
    documentId: randomUUID(),
    knowledgeBaseId: randomUUID(),
    vector: Float32Array.of(Math.cos(angle), Math.sin(angle)),
  }))
  const seen = async () => {
    const query = { spaceIds: [space.id], vector: Float32Array.of(1, 0), limit: 9, signal: never }
    return (await reader.search(query)).map(({ chunkId }) => chunkId)
  }
  const ids = items.map(({ chunkId }) => chunkId)
  await writer.upsert(space, items.slice(0, 2), never)
  expect(await seen()).toEqual(ids.slice(0, 2))
  await writer.upsert(space, items.slice(2), never)
  expect(await seen()).toEqual(ids)
  await writer.removeChunks(space.id, ids.slice(0, 1), never)
  expect(await seen()).toEqual(ids.slice(1))
  await writer.dropSpace(space.id, never)
  expect(await seen()).toEqual([])
  await Promise.all([writer.close(), reader.close()])
  await drop()
})
