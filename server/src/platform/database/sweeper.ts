import type { Database, DatabaseLogger } from './database.ts'

/** Rows of `table` that nobody needs any more. `condition` is SQL of ours, never input. */
export interface SweepRule {
  readonly table: string
  readonly condition: string
}

/** Deletes what has had its time. */
export interface Sweeper {
  /** Sweeps now and then once an hour. */
  start(): void
  /** One round over all rules; returns how many rows went. */
  sweep(): Promise<number>
  close(): Promise<void>
}

const EVERY_MS = 3_600_000
/** Short statements: a sweep must not hold locks or grow the log in one go. */
const BATCH = 1_000
const MOST_BATCHES = 100

/** Builds the {@link Sweeper} of `rules`. Several processes may sweep at once. */
export function createSweeper(
  database: Pick<Database, 'pool'>,
  rules: readonly SweepRule[],
  logger: DatabaseLogger,
): Sweeper {
  let timer: NodeJS.Timeout | undefined
  let closed = false
  let running: Promise<number> | undefined

  const sweepTable = async ({ table, condition }: SweepRule): Promise<number> => {
    let total = 0
    for (let batch = 0; batch < MOST_BATCHES && !closed; batch += 1) {
      const { rowCount } = await database.pool.query(
        `DELETE FROM ${table} WHERE ctid IN (
           SELECT ctid FROM ${table} WHERE ${condition} LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`,
      )
      total += rowCount ?? 0
      if ((rowCount ?? 0) < BATCH) break
    }
    return total
  }

  const sweepAll = async (): Promise<number> => {
    let total = 0
    let failure: unknown
    for (const rule of rules) {
      try {
        const gone = await sweepTable(rule)
        if (gone > 0) logger.info('Old rows deleted', { table: rule.table, rows: gone })
        total += gone
      } catch (error) {
        // The other tables must not wait for the one that is too slow.
        failure ??= error
      }
    }
    if (failure !== undefined) throw failure
    return total
  }

  const sweep = (): Promise<number> => {
    running ??= sweepAll().finally(() => {
      running = undefined
    })
    return running
  }

  const sweepQuietly = (): void => {
    sweep().catch((error: unknown) =>
      logger.warn('Old rows could not be deleted; trying again in an hour', { error }),
    )
  }

  return {
    start() {
      timer = setInterval(sweepQuietly, EVERY_MS)
      timer.unref()
      sweepQuietly()
    },
    sweep,
    async close() {
      closed = true
      clearInterval(timer)
      await running?.catch(() => undefined)
    },
  }
}
