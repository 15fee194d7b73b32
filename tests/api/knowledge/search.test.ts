import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createDemoProvider } from '../../../server/src/platform/llm/demo/demo-provider.ts'
import type { LlmProvider } from '../../../server/src/platform/llm/llm-provider.ts'
import type { VectorStore } from '../../../server/src/platform/vectors/index.ts'
import { VectorStoreError } from '../../../server/src/platform/vectors/index.ts'
import { addBase, addDocument } from '../../support/documents.ts'
import { expectOk, expectRefused } from '../../support/expect-clean.ts'
import { query } from '../../support/http.ts'
import { addPerson } from '../../support/people.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { timed } from '../../support/until.ts'
import { createWorld, type World } from '../../support/world.ts'

const answerSchema = z.object({
  hits: z.array(
    z.looseObject({
      chunkId: z.string(),
      text: z.string(),
      title: z.string(),
      score: z.number(),
      explain: z.looseObject({}).optional(),
    }),
  ),
  degraded: z.literal('vector').optional(),
})

const HANDBOOK = [
  {
    text: 'Trains are booked in second class; first class needs an approval.',
    headings: ['Travel', 'Trains'],
    page: 3,
  },
  {
    text: 'Hotels are paid by the company up to 140 euros a night.',
    headings: ['Travel', 'Hotels'],
    page: 4,
  },
  { text: 'Expenses are handed in within thirty days, with the receipts.', headings: ['Money'], page: 5 },
  { text: 'The boiler in the basement is serviced every spring by a plumber.', headings: ['Building'] },
]

let world: World
let baseId: string
let ids: readonly string[]

beforeAll(async () => {
  world = await createWorld({}, { llmProviders: [createDemoProvider()] })
  const { server, alpha, principals } = world
  baseId = await addBase(server, { ownerId: principals.owner.id, projectId: alpha.projectId })
  ids = (await addDocument(server, baseId, 'handbook.txt', HANDBOOK)).chunkIds
})
afterAll(() => world[Symbol.asyncDispose]())

async function search(
  input: Record<string, unknown>,
  who: keyof World['principals'] = 'viewer',
  server = world.server,
) {
  const answer = await query(server.baseUrl, 'knowledgeBases.search', input, {
    token: world.principals[who].token,
  })
  expectOk(answer)
  return answerSchema.parse(answer.data)
}
const idsOf = ({ hits }: z.output<typeof answerSchema>) => hits.map(({ chunkId }) => chunkId)

describe('knowledgeBases.search', () => {
  test('finds the passage, and says where it stands', async () => {
    const { hits, degraded } = await search({
      query: 'Who approves first class on trains?',
      knowledgeBaseIds: [baseId],
    })
    expect(degraded).toBeUndefined()
    expect(hits[0]).toEqual({
      chunkId: ids[0],
      documentId: expect.any(String),
      knowledgeBaseId: baseId,
      title: 'handbook.txt',
      headings: ['Travel', 'Trains'],
      text: HANDBOOK[0]?.text,
      score: expect.any(Number),
      span: { start: 0, end: HANDBOOK[0]?.text.length },
      page: 3,
    })
    expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).sort((a, b) => b - a))
  })

  test('finds other forms of a word by the vectors and by the words', async () => {
    for (const mode of ['text', 'vector', 'hybrid']) {
      const found = await search({ query: 'booking a train', mode, limit: 1, explain: true })
      expect(idsOf(found)).toEqual([ids[0]])
      const explain = found.hits[0]?.explain
      if (mode !== 'vector') expect(explain).toMatchObject({ textRank: 1, textScore: expect.any(Number) })
      if (mode !== 'text') expect(explain).toMatchObject({ vectorRank: 1, vectorScore: expect.any(Number) })
      if (mode === 'text') expect(explain).not.toHaveProperty('vectorRank')
    }
  })

  test('answers as many as asked for', async () => {
    expect(idsOf(await search({ query: 'the company', limit: 2 }))).toHaveLength(2)
    expect(idsOf(await search({ query: 'the company', limit: 100 }))).toHaveLength(4)
  })

  test.each([
    ["'", 'a quote'],
    ['train & | ! <-> :* ( ) "second class" -hotel', 'operators'],
    ['🚂🚃 第二类 поезд قطار', 'other scripts'],
    ['\\ % _ $1 ; DROP TABLE chunks; --', 'SQL'],
    ['the a of and is', 'nothing but small words'],
    ['…!?', 'no word at all'],
    ['x'.repeat(1_000), 'one long word'],
    ['train '.repeat(166), 'one word again and again'],
    [Array.from({ length: 180 }, (_, index) => `w${index}`).join(' '), 'many words'],
  ])('any text is only text: %j (%s)', async (text) => {
    for (const mode of ['text', 'vector', 'hybrid'])
      await search({ query: text, mode, knowledgeBaseIds: [baseId] })
  })

  test.each([
    [{ query: '' }, 'query'],
    [{ query: '   ' }, 'query'],
    [{ query: 'x'.repeat(1_001) }, 'query'],
    [{ query: 'x', limit: 0 }, 'limit'],
    [{ query: 'x', limit: 101 }, 'limit'],
    [{ query: 'x', knowledgeBaseIds: [] }, 'knowledgeBaseIds'],
    [{ query: 'x', knowledgeBaseIds: ['no-uuid'] }, 'knowledgeBaseIds.0'],
    [{ query: 'x', mode: 'magic' }, 'mode'],
  ])('%j is refused by its field', async (input, field) => {
    const answer = await query(world.server.baseUrl, 'knowledgeBases.search', input, {
      token: world.principals.viewer.token,
    })
    expectRefused(answer, 400)
    expect(answer.error?.issues[0]?.field).toBe(field)
  })

  test('what is not the caller’s is not there: named it is NOT_FOUND, unnamed it is left out', async () => {
    const { server, principals } = world
    const own = await addBase(server, { ownerId: principals.stranger.id })
    const { chunkIds } = await addDocument(server, own, 'mine.txt', [{ text: 'My own train timetable.' }])
    expect(idsOf(await search({ query: 'train' }, 'stranger'))).toEqual(chunkIds)
    const named = { query: 'train', knowledgeBaseIds: [own, baseId] }
    const answer = await query(server.baseUrl, 'knowledgeBases.search', named, {
      token: principals.stranger.token,
    })
    expectRefused(answer, 404)
    expect(idsOf(await search({ query: 'train' }, 'superAdmin'))).toEqual([])
  })

  test('whoever steps over membership names the base, and is written down', async () => {
    const { server, principals } = world
    const headers = { 'x-plinth-bypass': 'looking for a leak' }
    const as = { token: principals.superAdmin.token, headers }
    const answer = await query(
      server.baseUrl,
      'knowledgeBases.search',
      { query: 'train', knowledgeBaseIds: [baseId] },
      as,
    )
    expectOk(answer)
    expect(idsOf(answerSchema.parse(answer.data))).toContain(ids[0])
    const rows = await server.database.prisma.auditEvent.findMany({
      where: { action: 'knowledgeBases.search', targetId: baseId },
    })
    expect(rows).toHaveLength(1)
    const everywhere = await query(server.baseUrl, 'knowledgeBases.search', { query: 'train' }, as)
    expectOk(everywhere)
    expect(idsOf(answerSchema.parse(everywhere.data))).toEqual([])
  })

  test('only the current version of a document is found', async () => {
    const { server, principals } = world
    const base = await addBase(server, { ownerId: principals.editor.id })
    const { documentId } = await addDocument(server, base, 'old.txt', [{ text: 'The ferry leaves at nine.' }])
    const about = { query: 'ferry', knowledgeBaseIds: [base] }
    expect((await search(about, 'editor')).hits).toHaveLength(1)
    await server.database.prisma.document.update({
      where: { id: documentId },
      data: { currentVersionId: null },
    })
    expect((await search(about, 'editor')).hits).toEqual([])
  })
})

describe('a vector store that is sick', () => {
  let server: TestServer
  let token: string
  let base: string

  beforeAll(async () => {
    server = await startServer({ overrides: { vectorStore: sickStore() } })
    const person = await addPerson(server)
    token = person.token
    base = await addBase(server, { ownerId: person.id })
    await addDocument(server, base, 'handbook.txt', HANDBOOK)
    const kind = await server.database.prisma.embeddingSpace.updateMany({ data: { store: 'qdrant' } })
    expect(kind.count).toBe(1)
  })
  afterAll(() => server[Symbol.asyncDispose]())

  test('costs quality and not the answer', async () => {
    const answer = await query(
      server.baseUrl,
      'knowledgeBases.search',
      { query: 'trains', explain: true },
      { token },
    )
    expectOk(answer)
    const { hits, degraded } = answerSchema.parse(answer.data)
    expect(degraded).toBe('vector')
    expect(hits[0]?.text).toBe(HANDBOOK[0]?.text)
    const words = await query(
      server.baseUrl,
      'knowledgeBases.search',
      { query: 'trains', mode: 'text' },
      { token },
    )
    expect(answerSchema.parse(words.data).degraded).toBeUndefined()
  })

  test('is said plainly to whoever wanted vectors alone', async () => {
    const input = { query: 'trains', mode: 'vector' }
    const answer = await query(server.baseUrl, 'knowledgeBases.search', input, { token })
    expectRefused(answer, 503)
    expect(answer.text).not.toContain('secret-host')
  })
})

test('an embedder that never answers costs three seconds, and not the answer', async () => {
  const hanging: LlmProvider = { ...createDemoProvider(), embed: () => new Promise<never>(() => undefined) }
  await using server = await startServer({ overrides: { llmProviders: [hanging] } })
  const { id: ownerId, token } = await addPerson(server)
  const base = await addBase(server, { ownerId })
  await addDocument(server, base, 'handbook.txt', HANDBOOK)
  const { answer, ms } = await timed(() =>
    query(server.baseUrl, 'knowledgeBases.search', { query: 'trains' }, { token }),
  )
  expectOk(answer)
  const { hits, degraded } = answerSchema.parse(answer.data)
  expect(degraded).toBe('vector')
  expect(hits[0]?.text).toBe(HANDBOOK[0]?.text)
  expect(ms).toBeLessThan(10_000)
})

/** A store whose server is away. */
function sickStore(): VectorStore {
  const away = () => Promise.reject(new VectorStoreError('unavailable', 'secret-host cannot be reached.'))
  return {
    kind: 'qdrant',
    start: () => Promise.resolve(),
    check: away,
    createSpace: away,
    dropSpace: away,
    upsert: away,
    removeChunks: away,
    search: away,
    count: away,
    close: () => Promise.resolve(),
  }
}
