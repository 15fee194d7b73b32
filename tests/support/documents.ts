import { randomUUID } from 'node:crypto'
import { createLocalEmbedder } from '../../server/src/platform/llm/local-embedder/local-embedder.ts'
import { createLogger } from '../../server/src/platform/logger.ts'
import { createVectorStore } from '../../server/src/platform/vectors/index.ts'
import type { TestServer } from './server.ts'

/** A passage as a test writes it. */
export interface Passage {
  readonly text: string
  readonly headings?: readonly string[]
  readonly page?: number
}

/** A document that can be searched. */
export interface AddedDocument {
  readonly documentId: string
  readonly chunkIds: readonly string[]
}

/** Makes a knowledge base of a project, or without one of `ownerId` alone, and returns its id. */
export async function addBase(
  server: TestServer,
  owner: { readonly ownerId: string; readonly projectId?: string },
): Promise<string> {
  const { id } = await server.database.prisma.knowledgeBase.create({
    data: { name: 'Handbook', ...owner },
    select: { id: true },
  })
  return id
}

/**
 * Puts a document into a knowledge base as it is once it was taken in: its rows, and its vectors by the local embedder.
 * For tests of searching; how documents get there has tests of its own.
 */
export async function addDocument(
  server: TestServer,
  knowledgeBaseId: string,
  name: string,
  passages: readonly Passage[],
): Promise<AddedDocument> {
  const { prisma } = server.database
  const [documentId, versionId] = [randomUUID(), randomUUID()]
  const chunks = passages.map((passage, position) => ({ id: randomUUID(), position, ...passage }))
  await prisma.document.create({ data: { id: documentId, knowledgeBaseId, name } })
  await prisma.documentVersion.create({
    data: {
      id: versionId,
      documentId,
      knowledgeBaseId,
      number: 1,
      jobId: randomUUID(),
      state: 'ready',
      readyAt: new Date(),
      type: 'text/plain',
      bytes: 1,
      sha256: '',
      chunkCount: chunks.length,
      chunks: {
        create: chunks.map(({ headings = [], ...chunk }) => ({
          ...chunk,
          headings: [...headings],
          documentId,
          knowledgeBaseId,
          spanStart: 0,
          spanEnd: chunk.text.length,
        })),
      },
    },
  })
  await embed(
    server,
    knowledgeBaseId,
    documentId,
    chunks.map(({ id, headings = [], text }) => ({ id, text: `${headings.join(' ')}\n${text}` })),
  )
  await prisma.document.update({ where: { id: documentId }, data: { currentVersionId: versionId } })
  return { documentId, chunkIds: chunks.map(({ id }) => id) }
}

async function embed(
  { database, config }: TestServer,
  knowledgeBaseId: string,
  documentId: string,
  chunks: readonly { readonly id: string; readonly text: string }[],
): Promise<void> {
  const signal = AbortSignal.timeout(30_000)
  const embedder = createLocalEmbedder()
  const texts = chunks.map(({ text }) => text)
  const vectors = await embedder.embed(texts, 'document', signal)
  const dimension = vectors[0]?.length ?? 1
  const store = createVectorStore(config.vectors, database, createLogger({ level: 'silent', format: 'json' }))
  await store.start()
  const { prisma } = database
  const base = await prisma.knowledgeBase.findUniqueOrThrow({ where: { id: knowledgeBaseId } })
  const space =
    base.spaceId ??
    (
      await prisma.embeddingSpace.create({
        data: { knowledgeBaseId, modelId: 'demo:local', dimension, store: store.kind },
      })
    ).id
  await prisma.knowledgeBase.update({ where: { id: knowledgeBaseId }, data: { spaceId: space } })
  const items = chunks.flatMap(({ id }, index) => {
    const vector = vectors[index]
    return vector === undefined ? [] : [{ chunkId: id, documentId, knowledgeBaseId, vector }]
  })
  await store.upsert({ id: space, dimension }, items, signal)
  await store.close()
  await embedder.close()
}
