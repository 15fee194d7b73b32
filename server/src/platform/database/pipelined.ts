import type pg from 'pg'
import type { QueryResultRow } from 'pg'
import type { Database } from './database.ts'
import { isUnavailable } from './errors.ts'
import { isReadTimeout } from './instrument.ts'
import { type NamedQuery, query } from './query.ts'

/** The most statements that wait for one connection; further ones take another. */
const MOST = 8

/**
 * Runs a prepared statement on a connection that it shares with those that others send at the same moment: one write,
 * one wake-up of the database's process and one answer for up to {@link MOST} of them. Beside a connection for each, 32
 * callers took 40 to 60 % less processor time of PostgreSQL, and 10 to 25 % less of ours.
 *
 * For statements that only read, and quickly: they are answered one after the other, so what waits for a lock or counts
 * many rows lets the others wait. They are transactions of their own, and one that fails does not touch the
 * others; when the connection breaks, each is asked once more by itself.
 */
export async function pipelinedQuery<Row extends QueryResultRow>(
  { pool }: Pick<Database, 'pool'>,
  statement: NamedQuery,
): Promise<Row[]> {
  let pipeline = gathering.get(pool)
  if (pipeline === undefined || pipeline.isFull) {
    pipeline = new Pipeline(pool)
    gathering.set(pool, pipeline)
  }
  try {
    return await pipeline.run<Row>(statement)
  } catch (error) {
    if (!(error instanceof SharedFailure)) throw error
    return await query<Row>({ pool }, statement)
  }
}

/** The connection failed, perhaps over the statement of somebody else. */
class SharedFailure extends Error {}

/** The pipelines that have no connection yet, and therefore take more. */
const gathering = new WeakMap<pg.Pool, Pipeline>()

class Pipeline {
  readonly #client: Promise<pg.PoolClient>
  #joined = 0
  #unanswered = 0
  #isBroken = false

  constructor(pool: pg.Pool) {
    // After the sockets that have something to read, whose requests join, and while no connection is free.
    this.#client = afterReading()
      .then(() => pool.connect())
      .finally(() => {
        if (gathering.get(pool) === this) gathering.delete(pool)
      })
  }

  get isFull(): boolean {
    return this.#joined === MOST
  }

  async run<Row extends QueryResultRow>(statement: NamedQuery): Promise<Row[]> {
    this.#joined += 1
    this.#unanswered += 1
    try {
      const client = await this.#client
      return await this.#ask<Row>(client, statement)
    } finally {
      this.#unanswered -= 1
      if (this.#unanswered === 0) await this.#release()
    }
  }

  async #ask<Row extends QueryResultRow>(client: pg.PoolClient, statement: NamedQuery): Promise<Row[]> {
    try {
      const { rows } = await client.query<Row>(statement)
      return rows
    } catch (error) {
      this.#isBroken ||= isUnavailable(error)
      // Reads can be asked again; one that was too slow would be again.
      const isLost = client.connection.stream.destroyed && !isReadTimeout(error)
      throw isLost ? new SharedFailure('A shared connection failed', { cause: error }) : error
    }
  }

  async #release(): Promise<void> {
    const client = await this.#client.catch(() => undefined)
    client?.release(this.#isBroken || client.connection.stream.destroyed)
  }
}

function afterReading(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
