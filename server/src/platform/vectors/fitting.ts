import { VectorStoreError } from './vector-store-error.ts'

/** More numbers than any embedding model gives, and as many as pgvector can hold. */
const LONGEST = 16_000

/** @throws VectorStoreError `invalid` for a vector that is not `dimension` finite numbers */
export function requireFitting(vector: Float32Array, dimension: number): void {
  if (vector.length !== dimension || dimension < 1 || dimension > LONGEST) {
    throw new VectorStoreError(
      'invalid',
      `A vector of ${vector.length} numbers does not fit here: ${dimension} are wanted, ${LONGEST} at most.`,
    )
  }
  if (!vector.every(Number.isFinite)) {
    throw new VectorStoreError('invalid', 'A vector with a number that is not finite cannot be compared.')
  }
}

/** False for a vector of zeros: it has no angle to any other. */
export function hasDirection(vector: Float32Array): boolean {
  return vector.some((number) => number !== 0)
}
