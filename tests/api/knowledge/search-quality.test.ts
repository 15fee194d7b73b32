import { existsSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCollection } from '../../../client-sdk/src/cli/commands/kb/collection.ts'
import { measure } from '../../../client-sdk/src/cli/commands/kb/measure.ts'
import { plainBm25 } from '../../../client-sdk/src/cli/commands/kb/plain-bm25.ts'
import { addBase, addDocument } from '../../support/documents.ts'
import { query } from '../../support/http.ts'
import { liftLimits } from '../../support/lift-limits.ts'
import { addPerson } from '../../support/people.ts'
import { startServer, type TestServer } from '../../support/server.ts'

/** A public collection that is not in this repository; `plinth kb eval` measures any other. */
const CISI = path.join(import.meta.dirname, '../../../../shared/data/cisi')
const LONGEST_QUERY = 1000

let server: TestServer

beforeAll(async () => {
  server = await startServer()
  liftLimits(server)
})
afterAll(() => server[Symbol.asyncDispose]())

describe.runIf(existsSync(CISI))('on CISI', () => {
  test('searching by words and vectors finds more than plain BM25', { timeout: 120_000 }, async () => {
    const { documents, queries, relevant } = await readCollection(CISI)
    const { id: ownerId, token } = await addPerson(server, 'ada')
    const baseId = await addBase(server, { ownerId })
    const passages = documents.map(({ title, text }) => ({ text: `${title}\n${text}` }))
    const { chunkIds } = await addDocument(server, baseId, 'cisi', passages)
    const idOf = new Map(chunkIds.map((chunkId, index) => [chunkId, documents[index]?.id ?? '']))
    const rank = plainBm25(documents)
    const hybrid = []
    const plain = []
    for (const { id, text } of queries) {
      const asked = text.replace(/\s+/g, ' ').slice(0, LONGEST_QUERY)
      const input = { query: asked, knowledgeBaseIds: [baseId] }
      const answer = await query(server.baseUrl, 'knowledgeBases.search', input, { token })
      const judged = relevant.get(id) ?? new Set<string>()
      hybrid.push({ found: chunksIn(answer).map((chunkId) => idOf.get(chunkId) ?? ''), relevant: judged })
      plain.push({ found: rank(asked), relevant: judged })
    }
    expect(measure(hybrid).ndcg10).toBeGreaterThan(measure(plain).ndcg10)
  })
})

function chunksIn(answer: unknown): string[] {
  const hits: unknown = Reflect.get(Object(Reflect.get(Object(answer), 'data')), 'hits')
  return Array.isArray(hits) ? hits.map((hit) => String(Reflect.get(Object(hit), 'chunkId'))) : []
}
