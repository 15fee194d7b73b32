import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDemoProvider } from '../../../server/src/platform/llm/demo/demo-provider.ts'
import { LlmError } from '../../../server/src/platform/llm/llm-error.ts'
import type { EmbedRequest, LlmProvider } from '../../../server/src/platform/llm/llm-provider.ts'
import { expectOk } from '../../support/expect-clean.ts'
import { mutate } from '../../support/http.ts'
import { reached } from '../../support/jobs.ts'
import { addPerson, type LogIn, type Person, textOf } from '../../support/people.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { until } from '../../support/until.ts'
import {
  createBase,
  foundTexts,
  getDocument,
  leftOf,
  settled,
  takeIn,
  uploadDocument,
  vectorsOf,
} from './support.ts'

const demo = createDemoProvider()
/** What the next calls of the embedder do before they answer; the demo's own otherwise. */
let meddle: (request: EmbedRequest) => Promise<readonly Float32Array[] | undefined> = async () => undefined
const provider: LlmProvider = {
  ...demo,
  async embed(request) {
    const vectors = await meddle(request)
    return vectors === undefined ? await demo.embed(request) : { vectors, inputTokens: 1 }
  },
}

let server: TestServer
let ada: Person & LogIn

beforeAll(async () => {
  server = await startServer({ overrides: { llmProviders: [provider] } })
  ada = await addPerson(server, 'ada')
})
afterAll(() => server[Symbol.asyncDispose]())

const text = (topic: string, parts = 200) =>
  new File(
    [Array.from({ length: parts }, (_, index) => `# ${topic} ${index}\n\nWords of ${topic}.\n`).join('\n')],
    'book.md',
  )

/** Holds the embedder at its second batch until it is told to go on, or its job is over. */
function heldAtSecondBatch(): { readonly held: Promise<void>; release(): void } {
  const held = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  let batches = 0
  meddle = async ({ signal }) => {
    batches += 1
    if (batches !== 2) return undefined
    held.resolve()
    const over = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => over.resolve())
    await Promise.race([go.promise, over.promise])
    signal.throwIfAborted()
    return undefined
  }
  return { held: held.promise, release: () => go.resolve() }
}

test('cancelled half-way: the version before is found, and nothing of the new one is left', async () => {
  const baseId = await createBase(server, ada.token)
  const first = await takeIn(server, ada.token, baseId, text('Before', 3))
  const { held } = heldAtSecondBatch()
  const { id, jobId } = await uploadDocument(server, ada.token, baseId, text('After'))
  await held
  expect((await leftOf(server, baseId))?.chunks).toBeGreaterThan(first.chunks)
  expect(await foundTexts(server, baseId)).toHaveLength(3)
  expectOk(await mutate(server.baseUrl, 'jobs.cancel', { id: jobId }, ada))
  expect(await getDocument(server, ada.token, id)).toMatchObject({
    version: 2,
    foundVersion: 1,
    status: 'failed',
    error: 'It was cancelled.',
  })
  meddle = async () => undefined
  await until('nothing of it is left', async () => {
    await server.app.knowledge.clean()
    const [vectors] = await vectorsOf(server, baseId)
    return vectors === 3 && (await leftOf(server, baseId))?.chunks === 3 ? true : undefined
  })
  expect(await getDocument(server, ada.token, id)).toMatchObject({
    status: 'failed',
    error: 'It was cancelled.',
  })
  const retried = expectOk(await mutate(server.baseUrl, 'documents.retry', { id }, ada))
  expect(retried.data).toMatchObject({ document: { version: 3, status: 'processing' } })
  expect(await settled(server, ada.token, id)).toMatchObject({
    foundVersion: 3,
    status: 'ready',
    chunks: 200,
  })
  await server.app.knowledge.clean()
  expect(await vectorsOf(server, baseId)).toEqual([200])
})

test('deleted half-way: the job ends, and nothing is left', async () => {
  const baseId = await createBase(server, ada.token)
  const { held, release } = heldAtSecondBatch()
  const { id, jobId } = await uploadDocument(server, ada.token, baseId, text('Gone'))
  await held
  expectOk(await mutate(server.baseUrl, 'documents.delete', { id }, ada))
  release()
  await reached(server, jobId, ['failed'])
  meddle = async () => undefined
  await server.app.knowledge.clean()
  expect(await leftOf(server, baseId)).toEqual({ chunks: 0, versions: 0, documents: 0 })
  expect(await vectorsOf(server, baseId)).toEqual([0])
})

test('a provider that fails for a while is asked again; the document is ready in the end', async () => {
  const baseId = await createBase(server, ada.token)
  let failures = 2
  meddle = async () => {
    failures -= 1
    if (failures >= 0) throw new LlmError('rate_limited', 'demo')
    return undefined
  }
  const { id, jobId } = await uploadDocument(server, ada.token, baseId, text('Later', 3))
  expect(await settled(server, ada.token, id, 40_000)).toMatchObject({ status: 'ready', chunks: 3 })
  const { attempt } = await reached(server, jobId, ['succeeded'])
  expect(attempt).toBe(3)
  meddle = async () => undefined
})

test('vectors that are none are never kept', async () => {
  const baseId = await createBase(server, ada.token)
  const { dimension } = await server.app.models.calls.embeddingModel()
  const wrong = [new Float32Array(dimension).fill(Number.NaN), new Float32Array(dimension - 1).fill(1)]
  for (const vector of wrong) {
    meddle = async ({ texts }) => texts.map(() => vector)
    const { id, jobId } = await uploadDocument(server, ada.token, baseId, text('Wrong', 2))
    await until('an attempt failed', async () => {
      const job = await server.database.prisma.job.findUniqueOrThrow({ where: { id: jobId } })
      return job.error ?? undefined
    })
    expect(await foundTexts(server, baseId)).toEqual([])
    expect(await vectorsOf(server, baseId)).toEqual([0])
    expectOk(await mutate(server.baseUrl, 'jobs.cancel', { id: jobId }, ada))
    expectOk(await mutate(server.baseUrl, 'documents.delete', { id }, ada))
  }
  meddle = async () => undefined
})

test('re-embedding: the old vectors serve until the new ones are whole, with what came meanwhile', async () => {
  const baseId = await createBase(server, ada.token)
  await takeIn(server, ada.token, baseId, text('Old', 150))
  const spaceOf = async () =>
    (await server.database.prisma.knowledgeBase.findUniqueOrThrow({ where: { id: baseId } })).spaceId
  const before = await spaceOf()
  const { held, release } = heldAtSecondBatch()
  const start = () => mutate(server.baseUrl, 'documents.reembed', { knowledgeBaseId: baseId }, ada)
  const jobId = textOf(expectOk(await start()), 'jobId')
  await held
  expect(textOf(expectOk(await start()), 'jobId'), 'one at a time').toBe(jobId)
  expect(await spaceOf()).toBe(before)
  const more = await takeIn(server, ada.token, baseId, new File(['Came meanwhile.'], 'more.txt'))
  expect(more.status).toBe('ready')
  release()
  const job = await reached(server, jobId, ['succeeded'], 30_000)
  expect(job.result).toMatchObject({ documents: 2, chunks: 151 })
  const after = await spaceOf()
  expect(after).not.toBe(before)
  expect(await vectorsOf(server, baseId)).toEqual([151])
  await server.database.pool.query(
    `UPDATE embedding_spaces SET retired_at = now() - interval '1 minute' WHERE id = $1::uuid`,
    [before],
  )
  await server.app.knowledge.clean()
  expect(await server.app.vectors.count(before ?? '', AbortSignal.timeout(5_000))).toBe(0)
  expect(await server.database.prisma.embeddingSpace.count({ where: { knowledgeBaseId: baseId } })).toBe(1)
})

test('a space that was replaced is not forgotten while a document may still write into it', async () => {
  const baseId = await createBase(server, ada.token)
  const { held, release } = heldAtSecondBatch()
  const { id } = await uploadDocument(server, ada.token, baseId, text('Late'))
  await held
  const { prisma, pool } = server.database
  const spaces = () => prisma.embeddingSpace.findMany({ where: { knowledgeBaseId: baseId } })
  const [before] = await spaces()
  const answer = await mutate(server.baseUrl, 'documents.reembed', { knowledgeBaseId: baseId }, ada)
  await reached(server, textOf(expectOk(answer), 'jobId'), ['succeeded'], 30_000)
  const longAgo = `UPDATE embedding_spaces SET retired_at = now() - interval '1 minute' WHERE id = $1::uuid`
  await pool.query(longAgo, [before?.id])
  await server.app.knowledge.clean()
  expect(await spaces()).toHaveLength(2)
  release()
  expect(await settled(server, ada.token, id)).toMatchObject({ status: 'ready', chunks: 200 })
  await server.app.knowledge.clean()
  expect(await spaces()).toHaveLength(1)
  expect(await server.app.vectors.count(before?.id ?? '', AbortSignal.timeout(5_000))).toBe(0)
  expect(await vectorsOf(server, baseId)).toEqual([200])
  meddle = async () => undefined
})

test('re-embedding that is cancelled leaves the old vectors in use, and none of the new ones', async () => {
  const baseId = await createBase(server, ada.token)
  await takeIn(server, ada.token, baseId, text('Stays', 150))
  const { held } = heldAtSecondBatch()
  const answer = await mutate(server.baseUrl, 'documents.reembed', { knowledgeBaseId: baseId }, ada)
  const jobId = textOf(expectOk(answer), 'jobId')
  await held
  expectOk(await mutate(server.baseUrl, 'jobs.cancel', { id: jobId }, ada))
  meddle = async () => undefined
  await server.app.knowledge.clean()
  expect(await vectorsOf(server, baseId)).toEqual([150])
})
