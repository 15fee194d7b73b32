import { isUnavailable } from '../database/index.ts'
import { VectorStoreError } from './vector-store-error.ts'

/** PostgreSQL's SQLSTATE of a failed statement; undefined where there is none. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** The table is not there. */
export const NO_SUCH_TABLE = '42P01'
const WRONG_LENGTH = '22000'

/** What the database said to a statement about vectors, as a {@link VectorStoreError}. */
export function sqlFailure(error: unknown): VectorStoreError {
  if (error instanceof VectorStoreError) return error
  if (sqlStateOf(error) === WRONG_LENGTH) {
    return new VectorStoreError('invalid', 'The vector has another length than those of its space.', error)
  }
  const what = isUnavailable(error) ? 'cannot be reached at the moment' : 'refused a statement'
  return new VectorStoreError('unavailable', `The database with the vectors ${what}.`, error)
}
