import type { Actor } from '../../../contract/actor.ts'
import { fail } from '../../../contract/errors.ts'
import { handleJob, type JobHandler } from '../../../contract/job.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Database } from '../../../platform/database/index.ts'
import { StorageError } from '../../../platform/storage/index.ts'
import type { VectorStore } from '../../../platform/vectors/index.ts'
import { FILES_GONE_TOPIC } from '../../files/index.ts'
import type { ModelCalls } from '../../models/index.ts'
import { actingFor } from '../acting-for.ts'
import { isDocumentType } from '../extraction/document-types.ts'
import type { ExtractedDocument, Extractor } from '../extraction/extractor.ts'
import { KNOWLEDGE_GONE_TOPIC } from '../gone-topic.ts'
import { whyBaseRefused } from '../knowledge-access.ts'
import { chunkIdOf } from './chunk-id.ts'
import { type ChunkEmbedder, EMBED_BATCH, type TargetSpace } from './embed-chunks.ts'
import * as repository from './ingest.repository.ts'
import { ingestDocument } from './ingest-document.ts'
import { lockBase, openSpace } from './spaces.repository.ts'

/** What the job needs. */
export interface IngestDeps {
  readonly database: Database
  readonly clock: Clock
  readonly readFile: (id: string) => Promise<AsyncIterable<Uint8Array>>
  readonly extractor: Extractor
  readonly embedder: ChunkEmbedder
  readonly vectors: Pick<VectorStore, 'kind'>
  readonly models: Pick<ModelCalls, 'embeddingModel'>
}

/** Reading is a fifth of what is shown of the way, embedding the rest. */
const READING = 20
const WHOLE = 100
/** How often one attempt starts over because the base was re-embedded meanwhile. */
const MOST_SPACES = 3

/**
 * Takes a version in. All it writes on the way is found by nobody; one transaction makes it the version that is found.
 * Stopped anywhere before that, the one before it stays; run again, it writes the same once more.
 */
export function createIngestDocument(deps: IngestDeps): JobHandler {
  const { database, clock, embedder, vectors, models } = deps

  return handleJob(ingestDocument, async ({ id: jobId, payload, actor, signal, progress, unit }) => {
    const owner = actingFor(actor, payload.bypass)
    const version = await repository.versionToIngest(database.prisma, payload.versionId, jobId)
    if (version === null) throw gone()
    const { documentId, knowledgeBaseId } = version
    await requireEditor(database.prisma, owner, knowledgeBaseId)
    const show = (part: number) => void progress(Math.floor(part), WHOLE).catch(() => undefined)
    show(0)
    const read = await extracted(deps, version, signal, (part) => show(part * READING))
    if (!(await repository.noteChunkCount(database.prisma, version.id, read.chunks.length))) throw gone()
    const wanted = async () => {
      const { id: modelId, dimension } = await models.embeddingModel()
      return { modelId, dimension, store: vectors.kind }
    }

    for (let spaces = 1; ; spaces += 1) {
      const space = await openSpace(database, knowledgeBaseId, wanted, vectors.kind)
      await embedder.prepare(space, signal)
      await embedAll(space, version, read, owner, signal, (part) => show(READING + part * (WHOLE - READING)))
      try {
        return await unit.commit(async (change) => {
          await requireEditor(change.db, owner, knowledgeBaseId)
          const { spaceId } = await lockBase(change.db, knowledgeBaseId, 'SHARE')
          if (spaceId !== space.id) throw new SpaceSwitched()
          const { chunks, title, pages, characters } = read
          const made = { title, pages, characters, chunkCount: chunks.length, now: clock.now() }
          const switched = await repository.switchTo(change.db, { id: version.id, documentId, ...made })
          if (switched === null) throw gone()
          const counts = { version: switched.number, chunks: chunks.length, pages, characters }
          change.audit({ targetType: 'document', targetId: documentId, changes: counts })
          if (switched.replaced > 0) {
            change.wake(KNOWLEDGE_GONE_TOPIC, '')
            change.wake(FILES_GONE_TOPIC, '')
          }
          return { documentId, ...counts }
        })
      } catch (error) {
        if (!(error instanceof SpaceSwitched) || spaces === MOST_SPACES) throw error
      }
    }
  })

  async function embedAll(
    space: TargetSpace,
    { id: versionId, documentId }: repository.VersionToIngest,
    { chunks }: ExtractedDocument,
    owner: Actor,
    signal: AbortSignal,
    show: (part: number) => void,
  ): Promise<void> {
    for (let start = 0; start < chunks.length; start += EMBED_BATCH) {
      const batch = chunks.slice(start, start + EMBED_BATCH).map((chunk, index) => ({
        ...chunk,
        id: chunkIdOf(versionId, start + index),
        documentId,
        position: start + index,
      }))
      signal.throwIfAborted()
      // Also asks whether the version is still there: nobody pays for one that was replaced or deleted.
      if (!(await repository.writeChunks(database, versionId, batch))) throw gone()
      await embedder.embed(owner, space, batch, signal)
      show(Math.min(1, (start + EMBED_BATCH) / chunks.length))
    }
  }
}

/** The base was re-embedded while this document was embedded for the space before. */
class SpaceSwitched extends Error {
  override readonly name = 'SpaceSwitched'
}

function gone() {
  return fail('CONFLICT', { message: 'It was replaced by a newer version, deleted, or given up meanwhile.' })
}

async function requireEditor(
  db: Parameters<typeof whyBaseRefused>[0],
  actor: Actor,
  knowledgeBaseId: string,
): Promise<void> {
  const refused = await whyBaseRefused(db, actor, knowledgeBaseId, 'editor')
  if (refused !== undefined) throw refused
}

async function extracted(
  { readFile, extractor }: IngestDeps,
  { fileId, type }: repository.VersionToIngest,
  signal: AbortSignal,
  show: (part: number) => void,
): Promise<ExtractedDocument> {
  if (!isDocumentType(type)) throw fail('UNPROCESSABLE_CONTENT', { message: `${type} cannot be read.` })
  const bytes = await bytesOf(readFile, fileId)
  return await extractor.extract(
    { type, bytes },
    { signal, onProgress: ({ current, total }) => show(current / Math.max(1, total)) },
  )
}

/** @throws UNPROCESSABLE_CONTENT when the file was deleted */
async function bytesOf(readFile: IngestDeps['readFile'], fileId: string | null): Promise<Uint8Array> {
  const deleted = fail('UNPROCESSABLE_CONTENT', { message: 'The file was deleted before it could be read.' })
  if (fileId === null) throw deleted
  const pieces: Uint8Array[] = []
  try {
    for await (const piece of await readFile(fileId)) pieces.push(piece)
  } catch (error) {
    throw error instanceof StorageError && error.failure === 'missing' ? deleted : error
  }
  return new Uint8Array(Buffer.concat(pieces))
}
