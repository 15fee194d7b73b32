import { failBecause } from '../../../contract/errors.ts'
import type { WorkQueueFullError } from '../../../platform/limits/index.ts'

/** The answer to work that found no place in a queue. */
export function overloaded(error: WorkQueueFullError): Error {
  return failBecause('OVERLOADED', { retryAfterMs: error.retryAfterMs, cause: error })
}
