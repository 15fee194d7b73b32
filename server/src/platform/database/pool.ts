import pg from 'pg'
import type { DatabaseLogger } from './database.ts'
import { isUnavailable, POOL_FULL } from './errors.ts'
import { instrument } from './instrument.ts'
import { prepareBegin } from './opening-query.ts'

export interface PoolOptions {
  readonly connectionString: string
  /** The most connections this process opens. */
  readonly size: number
  /** How long a caller waits for a connection. */
  readonly waitMs: number
  /** How many may wait for one. */
  readonly maxWaiting: number
  readonly statementTimeoutMs: number
  readonly logger: DatabaseLogger
}

/** On top of the statement timeout, before this side gives a connection up as dead. */
const ANSWER_GRACE_MS = 2_000
const KEEP_ALIVE_AFTER_MS = 10_000
/** The longest a transaction may take: whoever is silent for so long is frozen or gone, and others wait for its locks. */
const IDLE_IN_TRANSACTION_MS = 10_000

/**
 * The connections of this process. Nothing is opened before the first statement; a connection that breaks is replaced
 * and never ends the process.
 */
export function createPool(options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    application_name: 'plinth',
    max: options.size,
    connectionTimeoutMillis: options.waitMs,
    statement_timeout: options.statementTimeoutMs,
    query_timeout: options.statementTimeoutMs + ANSWER_GRACE_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    // What is sent in one go leaves in one write and is answered in order (instrument.ts).
    pipeline: true,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
  })
  pool.on('connect', (client) => {
    prepareBegin(client)
    instrument(client)
  })
  pool.on('error', (error) => options.logger.warn('A database connection broke', { error }))
  const connect = pool.connect.bind(pool)
  Object.defineProperty(pool, 'connect', {
    value: (...args: unknown[]): unknown => {
      // Where the queue is full, those at its end would wait for nothing.
      if (args.length === 0 && pool.waitingCount >= options.maxWaiting) {
        return Promise.reject(new Error(POOL_FULL))
      }
      return Reflect.apply(connect, pool, args)
    },
  })
  // The pool's own `query` runs in whichever request gave the connection back, and drops the connection after every
  // failed statement, a unique violation included.
  Object.defineProperty(pool, 'query', {
    value: async (...args: unknown[]): Promise<unknown> => {
      const client = await pool.connect()
      try {
        const result: unknown = await Reflect.apply(client.query, client, args)
        client.release()
        return result
      } catch (error) {
        // A connection that did not answer, or was closed for it, must not be handed to the next who waits.
        client.release(isUnavailable(error) || client.connection.stream.destroyed)
        throw error
      }
    },
  })
  return pool
}
