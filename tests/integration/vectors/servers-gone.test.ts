import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { QdrantClient } from '@qdrant/js-client-rest'
import { expect, test } from 'vitest'
import { createLogger } from '../../../server/src/platform/logger.ts'
import { createVectorStore, type VectorStoreKind } from '../../../server/src/platform/vectors/index.ts'
import type { VectorHit, VectorStore } from '../../../server/src/platform/vectors/vector-store.ts'
import { startChroma } from '../../support/chroma-server.ts'
import { createTestDatabase, databaseKind } from '../../support/database.ts'
import { startQdrant } from '../../support/qdrant-server.ts'
import { timed, until } from '../../support/until.ts'

const never = new AbortController().signal
const logger = createLogger({ level: 'silent', format: 'json' })

async function storeAt(kind: VectorStoreKind, url: string, qdrantApiKey?: string) {
  const { database, drop } = await createTestDatabase(databaseKind())
  const options = { store: kind, chromaUrl: url, qdrantUrl: url, qdrantApiKey }
  const store = createVectorStore(options, database, logger)
  return { store, [Symbol.asyncDispose]: drop }
}

function question(spaceId: string) {
  return { spaceIds: [spaceId], vector: Float32Array.of(1, 0), limit: 5, signal: never }
}

test('a server that hangs costs three seconds, one that is gone nothing, and both come back', async () => {
  await using chroma = await startChroma()
  await using site = await storeAt('chroma', chroma.url)
  const { store } = site
  const space = { id: randomUUID(), dimension: 2 }
  const item = { chunkId: randomUUID(), documentId: randomUUID(), knowledgeBaseId: randomUUID() }
  await store.upsert(space, [{ ...item, vector: Float32Array.of(1, 0) }], never)

  chroma.freeze(true)
  const hung = await timed(() => store.search(question(space.id)).catch((error: unknown) => error))
  expect(hung.answer).toMatchObject({ name: 'VectorStoreError', failure: 'timeout' })
  expect(hung.ms).toBeLessThan(8_000)
  chroma.freeze(false)
  expect(await back(store, space.id)).toHaveLength(1)

  await chroma.kill()
  const gone = await timed(() => store.search(question(space.id)).catch((error: unknown) => error))
  expect(gone.answer).toMatchObject({ name: 'VectorStoreError', failure: 'unavailable' })
  expect(gone.ms).toBeLessThan(3_000)
  await expect(store.check(never)).rejects.toMatchObject({ failure: 'unavailable' })
  // A start must not fail because of it.
  await store.start()

  await chroma.start()
  expect(await back(store, space.id)).toMatchObject([{ chunkId: item.chunkId }])
})

/** What a server finds that has just come back and may still be slow. */
function back(store: VectorStore, spaceId: string): Promise<readonly VectorHit[]> {
  return until('it answers', () => store.search(question(spaceId)).catch(() => undefined))
}

test.each([
  ['what is no JSON', 200, '<html>'],
  ['another thing than promised', 200, '{"result":{"points":"many"}}'],
  ['an error', 500, '{"status":{"error":"disk full: /secret/path"}}'],
  ['more than fits', 200, `"${'x'.repeat(5_000_000)}"`],
])('a server that answers %s fails the call, and its words stay inside', async (_what, status, body) => {
  const server = createServer((_request, response) => void response.writeHead(status).end(body))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server got no port')
  await using site = await storeAt('qdrant', `http://127.0.0.1:${address.port}`)
  const failure = await site.store.search(question(randomUUID())).catch((error: unknown) => error)
  server.closeAllConnections()
  server.close()
  expect(failure).toMatchObject({ name: 'VectorStoreError', failure: 'unavailable' })
  expect(String(failure)).not.toContain('secret')
})

test('a key that is refused is something an operator has to set right', async () => {
  await using qdrant = await startQdrant()
  await using site = await storeAt('qdrant', qdrant.url, 'another-key')
  await expect(site.store.check(never)).rejects.toMatchObject({ failure: 'not_set_up' })
})

test('the stand-in for Qdrant is understood by Qdrant’s own client', async () => {
  await using qdrant = await startQdrant()
  const client = new QdrantClient({ url: qdrant.url, apiKey: qdrant.apiKey, checkCompatibility: false })
  const [near, far] = [randomUUID(), randomUUID()]
  await client.createCollection('plinth-test', { vectors: { size: 2, distance: 'Cosine' } })
  const points = [near, far].map((id, index) => ({
    id,
    vector: [1 - index, index],
    payload: { documentId: 'd' },
  }))
  await client.upsert('plinth-test', { wait: true, points })
  const query = { query: [1, 0.1], limit: 5, with_payload: false }
  expect((await client.query('plinth-test', query)).points.map(({ id }) => id)).toEqual([near, far])
  await client.delete('plinth-test', { wait: true, points: [near] })
  expect(await client.count('plinth-test', { exact: true })).toEqual({ count: 1 })
  expect((await client.getCollections()).collections).toEqual([{ name: 'plinth-test' }])
  await client.deleteCollection('plinth-test')
  // What the store sends, and nothing else, is what was tried here.
  expect([...qdrant.requests]).toMatchInlineSnapshot(`
    [
      "PUT /collections/{name}",
      "PUT /collections/{name}/points",
      "POST /collections/{name}/points/query",
      "POST /collections/{name}/points/delete",
      "POST /collections/{name}/points/count",
      "GET /collections",
      "DELETE /collections/{name}",
    ]
  `)
})
