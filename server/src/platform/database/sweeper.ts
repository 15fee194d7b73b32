import type { Database, DatabaseLogger } from './database.ts'

/** Rows of `table` that nobody needs any more. `condition` and `becomes` are SQL of ours, never input. */
export interface SweepRule {
  readonly table: string
  readonly condition: string
  /** What is set in rows that are not deleted here, because there is more to remove than the row. */
  readonly becomes?: string
}

/** Deletes, or marks, what has had its time. */
export interface Sweeper {
  /**
   * Goes round all rules until nothing is left, `withinMs` is over (what is left then waits for the next sweep) or
   * `signal` aborts. Returns how many rows went.
   */
  sweep(options?: { readonly signal?: AbortSignal; readonly withinMs?: number }): Promise<number>
}

/** Short statements: a sweep must not hold locks or grow the log in one go. */
const BATCH = 1_000
/** Then the next table has its turn. */
const BATCHES_A_TURN = 20
const DEFAULT_WITHIN_MS = 60_000

/** Builds the {@link Sweeper} of `rules`. Several processes may sweep at once. */
export function createSweeper(
  database: Pick<Database, 'pool'>,
  rules: readonly SweepRule[],
  logger: DatabaseLogger,
): Sweeper {
  /** One turn; there may be more when `left` says so. */
  const sweepTable = async (
    { table, condition, becomes }: SweepRule,
    over: () => boolean,
  ): Promise<{ total: number; left: boolean }> => {
    const action = becomes === undefined ? `DELETE FROM ${table}` : `UPDATE ${table} SET ${becomes}`
    let total = 0
    for (let batch = 0; batch < BATCHES_A_TURN; batch += 1) {
      if (over()) return { total, left: false }
      const { rowCount } = await database.pool.query(
        `${action} WHERE ctid IN (
           SELECT ctid FROM ${table} WHERE ${condition} LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`,
      )
      total += rowCount ?? 0
      if ((rowCount ?? 0) < BATCH) return { total, left: false }
    }
    return { total, left: true }
  }

  return {
    async sweep({ signal, withinMs = DEFAULT_WITHIN_MS } = {}) {
      const deadline = performance.now() + withinMs
      const over = (): boolean => {
        signal?.throwIfAborted()
        return performance.now() > deadline
      }
      let sum = 0
      let failure: unknown
      for (let turn = [...rules]; turn.length > 0; ) {
        const next: SweepRule[] = []
        for (const rule of turn) {
          try {
            const { total, left } = await sweepTable(rule, over)
            if (total > 0) logger.info('Old rows swept', { table: rule.table, rows: total })
            if (left) next.push(rule)
            sum += total
          } catch (error) {
            // The other tables must not wait for the one that is too slow.
            failure ??= error
          }
        }
        turn = next
      }
      if (failure !== undefined) throw failure
      return sum
    },
  }
}
