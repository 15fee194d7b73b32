import { AsyncLocalStorage } from 'node:async_hooks'
import type pg from 'pg'
import type { QueryConfig, QueryResult } from 'pg'
import type { PrismaClient } from '../../../generated/prisma/client.ts'
import type { Tx } from './database.ts'
import { TRANSACTION_OVER, type TransactionConnection } from './transaction-connection.ts'

const NOTHING: QueryResult = { command: '', rowCount: 0, oid: 0, fields: [], rows: [] }
/** How much longer than ours Prisma's own limit is, in milliseconds: ours is the one that ends a transaction. */
const GRACE_MS = 1_000

/** The connection of a transaction that Prisma is joining; taken when its adapter asks for one. */
interface Joining {
  connection: TransactionConnection | undefined
}

const joinings = new AsyncLocalStorage<Joining>()

/**
 * `pool` as Prisma's adapter gets it: to a transaction that Prisma joins it gives that transaction's connection. Prisma
 * says nothing of the connection behind a transaction, hence the storage.
 */
export function lendToPrisma(pool: pg.Pool): pg.Pool {
  const lent: pg.Pool = Object.create(pool, {
    on: { value: pool.on.bind(pool) },
    removeListener: { value: pool.removeListener.bind(pool) },
    connect: {
      value: async (): Promise<unknown> => {
        const joining = joinings.getStore()
        const connection = joining?.connection
        if (joining === undefined || connection === undefined) return checked(await pool.connect())
        // Only the first is this transaction's: others are opened by calls made beside it.
        joining.connection = undefined
        return guest(connection)
      },
    },
  })
  return lent
}

/** Prisma's part in one transaction of ours: none before it is asked for. */
export class PrismaSession {
  readonly #prisma: PrismaClient
  readonly #connection: TransactionConnection
  readonly #timeout: number
  readonly #ended = Promise.withResolvers<void>()
  #client: Promise<Tx> | undefined
  /** Settles when Prisma has left. */
  #left: Promise<void> | undefined
  #over = false

  /** `timeout` is that of the transaction, in milliseconds. */
  constructor(prisma: PrismaClient, connection: TransactionConnection, timeout: number) {
    this.#prisma = prisma
    this.#connection = connection
    this.#timeout = timeout
  }

  /** Prisma's client of this transaction. @throws Error when the transaction is over */
  client(): Promise<Tx> {
    if (this.#client !== undefined) return this.#client
    if (this.#over) return Promise.reject(new Error(TRANSACTION_OVER))
    const joined = Promise.withResolvers<Tx>()
    const timeout = this.#timeout + GRACE_MS
    this.#left = joinings
      .run({ connection: this.#connection }, () =>
        this.#prisma.$transaction(
          async (client) => {
            joined.resolve(client)
            await this.#ended.promise
          },
          { timeout, maxWait: timeout },
        ),
      )
      .catch(joined.reject)
    this.#client = joined.promise
    return joined.promise
  }

  /** Has Prisma leave, so that it refuses what comes later. Neither commits nor rolls back. */
  async end(): Promise<void> {
    this.#over = true
    this.#ended.resolve()
    await this.#left
  }
}

/** A connection for a transaction of Prisma's own, which gives back broken ones as if they were whole. */
function checked(client: pg.PoolClient): pg.PoolClient {
  const { release } = client
  return Object.assign(client, {
    release: (error?: Error | boolean) => release(error ?? client.connection.stream.destroyed),
  })
}

/** What Prisma may do with a connection: speak on it. To begin, to end and to give it back are the owner's. */
function guest(connection: TransactionConnection) {
  return {
    query: (statement: QueryConfig): Promise<QueryResult> =>
      ['BEGIN', 'COMMIT', 'ROLLBACK'].includes(statement.text)
        ? Promise.resolve(NOTHING)
        : connection.query(statement),
    on: (event: 'error', listener: (error: Error) => void) => connection.on(event, listener),
    removeListener: (event: 'error', listener: (error: Error) => void) =>
      connection.removeListener(event, listener),
    release: () => undefined,
  }
}
