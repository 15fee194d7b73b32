import type { Database, DatabaseLogger } from './database.ts'

/** Rows of `table` that nobody needs any more. `condition` is SQL of ours, never input. */
export interface SweepRule {
  readonly table: string
  readonly condition: string
}

/** Deletes what has had its time. */
export interface Sweeper {
  /** One round over all rules, until `signal` aborts; returns how many rows went. */
  sweep(signal?: AbortSignal): Promise<number>
}

/** Short statements: a sweep must not hold locks or grow the log in one go. */
const BATCH = 1_000
const MOST_BATCHES = 100

/** Builds the {@link Sweeper} of `rules`. Several processes may sweep at once. */
export function createSweeper(
  database: Pick<Database, 'pool'>,
  rules: readonly SweepRule[],
  logger: DatabaseLogger,
): Sweeper {
  const sweepTable = async ({ table, condition }: SweepRule, signal?: AbortSignal): Promise<number> => {
    let total = 0
    for (let batch = 0; batch < MOST_BATCHES; batch += 1) {
      signal?.throwIfAborted()
      const { rowCount } = await database.pool.query(
        `DELETE FROM ${table} WHERE ctid IN (
           SELECT ctid FROM ${table} WHERE ${condition} LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`,
      )
      total += rowCount ?? 0
      if ((rowCount ?? 0) < BATCH) break
    }
    return total
  }

  return {
    async sweep(signal) {
      let total = 0
      let failure: unknown
      for (const rule of rules) {
        try {
          const gone = await sweepTable(rule, signal)
          if (gone > 0) logger.info('Old rows deleted', { table: rule.table, rows: gone })
          total += gone
        } catch (error) {
          // The other tables must not wait for the one that is too slow.
          failure ??= error
        }
      }
      if (failure !== undefined) throw failure
      return total
    },
  }
}
