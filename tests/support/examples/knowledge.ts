import { randomUUID } from 'node:crypto'
import { addDocument as addFoundDocument } from '../documents.ts'
import type { World } from '../world.ts'
import type { ExampleFactory } from './example.ts'

/** Examples of `knowledgeBases.*` and `documents.*`. */
export const knowledgeExamples: Record<string, ExampleFactory> = {
  'knowledgeBases.create': async (world) => ({
    input: { name: 'Handbook', projectId: (await world.project()).projectId },
  }),
  'knowledgeBases.list': async (world) => ({ input: { projectId: world.alpha.projectId, limit: 5 } }),
  'knowledgeBases.get': async (world) => ({ input: { id: await addBase(world) } }),
  'knowledgeBases.update': async (world) => ({
    input: { id: await addBase(world), data: { name: 'Renamed' } },
  }),
  'knowledgeBases.search': async (world) => ({
    input: { query: 'When do trains leave?', knowledgeBaseIds: [await addSearched(world)], explain: true },
  }),
  'knowledgeBases.delete': async (world) => ({ input: { id: await addBase(world) } }),
  'documents.upload': async (world) => ({
    input: { knowledgeBaseId: await addBase(world), file: new File(['Thirty days.'], 'holidays.txt') },
  }),
  'documents.get': async (world) => ({ input: { id: await addDocument(world) } }),
  'documents.list': async (world) => {
    const knowledgeBaseId = await addBase(world)
    await addDocument(world, knowledgeBaseId)
    return { input: { knowledgeBaseId, limit: 5 } }
  },
  'documents.chunks': async (world) => ({ input: { id: await addDocument(world), limit: 5 } }),
  'documents.delete': async (world) => ({ input: { id: await addDocument(world) } }),
  'documents.retry': async (world) => ({ input: { id: await addFailedDocument(world) } }),
  'documents.reembed': async (world) => ({ input: { knowledgeBaseId: await addBase(world) } }),
}

/** A new knowledge base of the project that examples name; returns its id. */
async function addBase({ server, alpha, principals }: World): Promise<string> {
  const { id } = await server.database.prisma.knowledgeBase.create({
    data: { name: 'Handbook', projectId: alpha.projectId, ownerId: principals.owner.id },
    select: { id: true },
  })
  return id
}

/** A knowledge base with a passage that can be found by its words. */
async function addSearched(world: World): Promise<string> {
  const id = await addBase(world)
  await addFoundDocument(world.server, id, 'timetable.txt', [{ text: 'Trains leave every hour.' }])
  return id
}

/** A document with one passage that is found; returns its id. */
async function addDocument(world: World, knowledgeBaseId?: string): Promise<string> {
  const { prisma } = world.server.database
  const baseId = knowledgeBaseId ?? (await addBase(world))
  const { documentId, versionId } = await addVersion(world, baseId, 'ready')
  await prisma.chunk.create({
    data: {
      versionId,
      documentId,
      knowledgeBaseId: baseId,
      position: 0,
      text: 'Everybody has thirty days.',
      headings: ['Holidays'],
      spanStart: 0,
      spanEnd: 26,
    },
  })
  await prisma.document.update({ where: { id: documentId }, data: { currentVersionId: versionId } })
  return documentId
}

/** A document that could not be read, with its file; returns its id. */
async function addFailedDocument(world: World): Promise<string> {
  const { documentId, versionId } = await addVersion(world, await addBase(world), 'failed')
  const { prisma } = world.server.database
  const data = { purpose: 'document', name: 'holidays.txt', type: 'text/plain', bytes: 12n, sha256: 'x' }
  const ownerId = world.principals.owner.id
  const file = { ...data, state: 'stored', ownerId, projectId: world.alpha.projectId } as const
  const { id: fileId } = await prisma.file.create({ data: file })
  await prisma.documentVersion.update({ where: { id: versionId }, data: { fileId } })
  return documentId
}

async function addVersion({ server, principals }: World, knowledgeBaseId: string, state: 'ready' | 'failed') {
  const document = await server.database.prisma.document.create({
    data: { name: 'holidays.txt', knowledgeBaseId, createdById: principals.owner.id },
  })
  const version = await server.database.prisma.documentVersion.create({
    data: {
      documentId: document.id,
      knowledgeBaseId,
      number: 1,
      jobId: randomUUID(),
      state,
      type: 'text/plain',
      bytes: 12n,
      sha256: 'x',
      chunkCount: state === 'ready' ? 1 : 0,
      readyAt: state === 'ready' ? new Date() : null,
      error: state === 'failed' ? 'There is no text in the file.' : null,
    },
  })
  return { documentId: document.id, versionId: version.id }
}
