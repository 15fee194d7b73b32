import { threadTask } from '../../threads/thread-task.ts'
import { vectorOf } from './text-vector.ts'

/** Texts for a thread. */
export interface EmbedBatch {
  readonly texts: readonly string[]
  readonly as: 'document' | 'query'
}

/** Makes vectors of a batch of texts. */
export default threadTask<EmbedBatch, Float32Array[]>(({ texts, as }) =>
  texts.map((text) => vectorOf(text, as)),
)
