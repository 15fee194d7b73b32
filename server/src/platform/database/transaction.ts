import { setTimeout as delay } from 'node:timers/promises'
import type { Database, Tx } from './database.ts'
import { isRetryableConflict } from './errors.ts'
import type { IsolationLevel } from './transaction-connection.ts'
import { openTransaction } from './transaction-scope.ts'

const MOST_RETRIES = 5
const FIRST_DELAY_MS = 10
const DEFAULT_TIMEOUT_MS = 10_000

export interface TransactionOptions {
  /** How often to try again after a conflict with another transaction; 5 at most, 5 unless told. */
  readonly retries?: number
  /** The longest one attempt may take, in milliseconds. */
  readonly timeoutMs?: number
  /** READ COMMITTED unless told. */
  readonly isolationLevel?: IsolationLevel
}

/**
 * Runs `work` in one transaction and returns its value after the commit. Serialization failures and deadlocks are
 * retried with growing, random pauses, so `work` may run several times and must touch nothing but the database.
 * @throws whatever `work` throws, after rolling back; the conflict when it outlives the retries
 */
export async function transaction<T>(
  database: Pick<Database, 'prisma' | 'pool'>,
  work: (tx: Tx) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const retries = Math.min(options.retries ?? MOST_RETRIES, MOST_RETRIES)
  const timeout = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const settings = {
    timeout,
    ...(options.isolationLevel === undefined ? {} : { isolationLevel: options.isolationLevel }),
  }
  return await retryConflicts(() => openTransaction(database, work, settings), retries)
}

/**
 * Does `work` again after a serialization failure or a deadlock, with growing, random pauses: for what is a transaction
 * by itself.
 * @throws whatever `work` throws; the conflict when it outlives the retries
 */
export async function retryConflicts<T>(work: () => Promise<T>, retries = MOST_RETRIES): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (attempt >= retries || !isRetryableConflict(error)) throw error
      await delay(FIRST_DELAY_MS * 2 ** attempt * (0.5 + Math.random()))
    }
  }
}
