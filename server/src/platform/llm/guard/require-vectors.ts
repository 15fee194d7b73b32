import { LlmError } from '../llm-error.ts'

/** The longest vectors that any embedding model makes are a fraction of it. */
const MAX_DIMENSION = 16_384

/** @throws LlmError `bad_answer` unless there are `count` vectors, all of one length and every number finite */
export function requireVectors(provider: string, vectors: readonly Float32Array[], count: number): void {
  const dimension = vectors[0]?.length ?? 0
  const wrong =
    vectors.length !== count
      ? `${vectors.length} vectors for ${count} texts`
      : dimension === 0 || dimension > MAX_DIMENSION
        ? `a vector of ${dimension} numbers`
        : vectors.some((vector) => vector.length !== dimension)
          ? 'vectors of different lengths'
          : vectors.some((vector) => !vector.every(Number.isFinite))
            ? 'numbers that are not finite'
            : undefined
  if (wrong !== undefined)
    throw new LlmError('bad_answer', provider, { cause: new Error(`It made ${wrong}`) })
}
