import type { Actor } from '../../../contract/actor.ts'
import { fail } from '../../../contract/errors.ts'
import { type VectorStore, VectorStoreError } from '../../../platform/vectors/index.ts'
import type { ModelCalls } from '../../models/index.ts'

/** A chunk to be embedded. */
export interface EmbeddableChunk {
  readonly id: string
  readonly documentId: string
  readonly text: string
  readonly headings: readonly string[]
}

/** Where vectors go, and what makes them. */
export interface TargetSpace {
  readonly id: string
  readonly dimension: number
  readonly knowledgeBaseId: string
  readonly modelId: string
}

/** Makes vectors of chunks and keeps them. */
export interface ChunkEmbedder {
  /** Makes room for a space. */
  prepare(space: TargetSpace, signal: AbortSignal): Promise<void>
  /**
   * Embeds one batch of {@link EMBED_BATCH} chunks at most, and writes the vectors; doing it again changes nothing.
   * @throws BUDGET_EXCEEDED, AppError with a PROVIDER_ reason, SERVICE_UNAVAILABLE (the store), the signal's reason
   */
  embed(
    owner: Pick<Actor, 'userId' | 'role'>,
    space: TargetSpace,
    chunks: readonly EmbeddableChunk[],
    signal: AbortSignal,
  ): Promise<void>
}

/** Small enough that a batch is a moment's work, large enough that a provider is not asked thousands of times. */
export const EMBED_BATCH = 64

/** Builds the {@link ChunkEmbedder}. */
export function createChunkEmbedder(
  calls: Pick<ModelCalls, 'embed'>,
  vectors: Pick<VectorStore, 'createSpace' | 'upsert'>,
): ChunkEmbedder {
  return {
    prepare: (space, signal) => storing(() => vectors.createSpace(space, signal)),
    async embed(owner, space, chunks, signal) {
      const use = { actor: owner, purpose: 'embedding' } as const
      const { modelId, knowledgeBaseId } = space
      const texts = chunks.map(embeddingText)
      const made = await calls.embed(use, { modelId, texts, as: 'document', signal })
      const items = chunks.map(({ id: chunkId, documentId }, index) => {
        const vector = made[index]
        if (vector === undefined || vector.length !== space.dimension || !vector.every(Number.isFinite))
          throw fail('BAD_GATEWAY', { message: `${modelId} gave vectors that do not fit.` })
        return { chunkId, documentId, knowledgeBaseId, vector }
      })
      signal.throwIfAborted()
      await storing(() => vectors.upsert(space, items, signal))
    },
  }
}

/** What is embedded of a chunk: its headings say what it is about where its own words do not. */
function embeddingText({ text, headings }: Pick<EmbeddableChunk, 'text' | 'headings'>): string {
  const missing = headings.filter((heading) => !text.startsWith(heading))
  return missing.length === 0 ? text : `${missing.join(' › ')}\n${text}`
}

async function storing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof VectorStoreError)) throw error
    throw fail('SERVICE_UNAVAILABLE', { message: error.message, cause: error })
  }
}
