import { AsyncLocalStorage } from 'node:async_hooks'
import type pg from 'pg'
import type { Prisma, PrismaClient } from '../../../generated/prisma/client.ts'
import type { Tx } from './database.ts'
import { TransactionConnection } from './transaction-connection.ts'

/** A transaction that Prisma is opening: filled in when its adapter asks for a connection. */
interface Opening {
  connection?: TransactionConnection
}

const openings = new AsyncLocalStorage<Opening>()
const connections = new WeakMap<Tx, TransactionConnection>()

/** Limits and isolation of one transaction, as Prisma takes them. */
export interface TransactionSettings {
  readonly timeout: number
  readonly maxWait: number
  readonly isolationLevel?: Prisma.TransactionIsolationLevel
}

/**
 * `pool` as Prisma's adapter gets it: for a transaction it hands out a {@link TransactionConnection}, and notes whose it
 * is. Prisma says nothing of the connection behind a transaction, hence the storage.
 */
export function lendToPrisma(pool: pg.Pool): pg.Pool {
  const lent: pg.Pool = Object.create(pool, {
    on: { value: pool.on.bind(pool) },
    removeListener: { value: pool.removeListener.bind(pool) },
    connect: {
      value: async (): Promise<TransactionConnection> => {
        // Only the first is this transaction's: others are opened by calls that `work` makes outside of it.
        const opening = openings.getStore()
        const connection = new TransactionConnection(await pool.connect())
        if (opening !== undefined) opening.connection ??= connection
        return connection
      },
    },
  })
  return lent
}

/** Runs `work` in one transaction of `prisma`, whose connection {@link connectionOf} knows. */
export function openTransaction<T>(
  prisma: PrismaClient,
  work: (tx: Tx) => Promise<T>,
  settings: TransactionSettings,
): Promise<T> {
  const opening: Opening = {}
  const begin = (tx: Tx): Promise<T> => {
    if (opening.connection !== undefined) connections.set(tx, opening.connection)
    return work(tx)
  }
  return openings.run(opening, () => prisma.$transaction(begin, settings))
}

/**
 * The connection that `tx` runs on.
 * @throws Error when `tx` is not of a transaction that `transaction()` opened
 */
export function connectionOf(tx: Tx): TransactionConnection {
  const connection = connections.get(tx)
  if (connection === undefined) throw new Error('Not inside of a transaction()')
  return connection
}
