import { mayHaveCommitted } from './errors.ts'

/**
 * For the `catch` of whatever commits: calls `announce` when nobody knows whether it was committed, and throws on. A
 * connection that breaks loses the answer to COMMIT, but perhaps not the commit: said in vain it costs a look, not said
 * it leaves a revoked session alive and followers waiting.
 */
export function whenInDoubt(announce: () => void): (error: unknown) => never {
  return (error) => {
    if (mayHaveCommitted(error)) announce()
    throw error
  }
}
