/**
 * Why a vector store could not do something.
 * - `not_set_up`: something is missing that an operator has to bring. - `unavailable`: it was not reached or broke.
 * - `timeout`: it did not answer in time. - `invalid`: the vectors do not fit.
 */
export type VectorStoreFailure = 'not_set_up' | 'unavailable' | 'timeout' | 'invalid'

/** The one error of vector stores. Its message is ours and safe to show; what the store said is in `cause`, for the log. */
export class VectorStoreError extends Error {
  override readonly name = 'VectorStoreError'
  readonly failure: VectorStoreFailure

  constructor(failure: VectorStoreFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.failure = failure
  }
}
