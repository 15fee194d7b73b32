import type { Database } from './database.ts'
import { whenInDoubt } from './in-doubt.ts'
import { onConnection } from './pool.ts'
import type { NamedQuery } from './query.ts'
import { retryConflicts } from './transaction.ts'

/**
 * Runs a statement that writes as a transaction by itself, retried as those are, and says whether it gave a row.
 * `announce` is called when it may have been committed though it failed; not when there was no connection to be had: under
 * an overload everybody would be told of what never happened.
 * @throws what the database says
 */
export function writeAlone(
  { pool }: Pick<Database, 'pool'>,
  statement: NamedQuery,
  announce: () => void,
): Promise<boolean> {
  return retryConflicts(() =>
    onConnection(pool, async (client) => {
      const { rows } = await client.query(statement).catch(whenInDoubt(announce))
      return rows.length > 0
    }),
  )
}
