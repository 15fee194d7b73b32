import type { Database } from './database.ts'
import { whenInDoubt } from './in-doubt.ts'
import { type NamedQuery, query } from './query.ts'
import { retryConflicts } from './transaction.ts'

/**
 * Runs a statement that writes as a transaction by itself, retried as those are, and says whether it gave a row.
 * `announce` is called when it may have been committed though it failed.
 * @throws what the database says
 */
export async function writeAlone(
  database: Pick<Database, 'pool'>,
  statement: NamedQuery,
  announce: () => void,
): Promise<boolean> {
  const rows = await retryConflicts(() => query(database, statement)).catch(whenInDoubt(announce))
  return rows.length > 0
}
