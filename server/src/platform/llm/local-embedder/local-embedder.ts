import { createThreadPool } from '../../threads/thread-pool.ts'
import type { EmbedBatch } from './embed.thread.ts'
import { DIMENSION, vectorOf } from './text-vector.ts'

/** Texts of so many UTF-16 units together take about a millisecond: less than handing them to a thread. */
const SMALL = 4_000

/** Makes vectors of texts without a model, a network or a download. */
export interface LocalEmbedder {
  readonly dimension: number
  /** One unit vector per text, in order. The same text always gets the same one. @throws the signal's reason */
  embed(texts: readonly string[], as: EmbedBatch['as'], signal: AbortSignal): Promise<Float32Array[]>
  close(): Promise<void>
}

/** Builds the embedder. Documents are worked on in a thread, which starts with the first and ends when there are none. */
export function createLocalEmbedder(): LocalEmbedder {
  const module = new URL('./embed.thread.ts', import.meta.url)
  const threads = createThreadPool<EmbedBatch, Float32Array[]>({ module })
  return {
    dimension: DIMENSION,
    async embed(texts, as, signal) {
      signal.throwIfAborted()
      const size = texts.reduce((sum, text) => sum + text.length, 0)
      if (size <= SMALL) return texts.map((text) => vectorOf(text, as))
      return await threads.run({ texts, as }, { signal })
    },
    close: () => threads.close(),
  }
}
