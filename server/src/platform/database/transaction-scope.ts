import type { PrismaClient } from '../../../generated/prisma/client.ts'
import type { Database, Tx } from './database.ts'
import { PrismaSession } from './prisma-session.ts'
import { type IsolationLevel, TRANSACTION_OVER, TransactionConnection } from './transaction-connection.ts'

/** By what a transaction's client gives its connection. */
const CONNECTION = Symbol('connection')

/** Limits and isolation of one transaction. */
export interface TransactionSettings {
  /** The longest it may take, in milliseconds; then it is rolled back, and what comes later is refused. */
  readonly timeout: number
  readonly isolationLevel?: IsolationLevel
}

/**
 * Runs `work` in one transaction, whose connection {@link connectionOf} knows, and commits what it wrote. Prisma takes
 * part from the moment `work` asks it for something: opening a transaction of its own is an eighth of the processor time
 * of a mutation that does without.
 * @throws whatever `work` throws, after rolling back; the failure of the commit
 */
export async function openTransaction<T>(
  { prisma, pool }: Pick<Database, 'prisma' | 'pool'>,
  work: (tx: Tx) => Promise<T>,
  { timeout, isolationLevel }: TransactionSettings,
): Promise<T> {
  const connection = new TransactionConnection(await pool.connect())
  const session = new PrismaSession(prisma, connection, timeout)
  const tx = onDemand(prisma, connection, () => session.client())
  const expiry = Promise.withResolvers<never>()
  expiry.promise.catch(() => undefined)
  const limit = setTimeout(() => {
    connection.expire()
    // Work that waits for something else must not keep the connection from others.
    expiry.reject(new Error(TRANSACTION_OVER))
  }, timeout)
  try {
    if (isolationLevel !== undefined) await connection.isolate(isolationLevel)
    const value = await Promise.race([work(tx), expiry.promise])
    await session.end()
    await connection.commit()
    return value
  } catch (error) {
    await session.end()
    await connection.rollBack()
    throw error
  } finally {
    clearTimeout(limit)
    connection.release()
  }
}

/**
 * The connection that `tx` runs on.
 * @throws Error when `tx` is not of a transaction that `transaction()` opened
 */
export function connectionOf(tx: Tx): TransactionConnection {
  const connection: unknown = Reflect.get(tx, CONNECTION)
  if (connection instanceof TransactionConnection) return connection
  throw new Error('Not inside of a transaction()')
}

type Method = (...args: unknown[]) => unknown

/**
 * A client with the models and raw statements of `prisma`, of which each call goes to the client that `open` gives.
 * What a call returns is a promise and nothing more: no field API behind it, no place in `$transaction([…])`.
 */
function onDemand(prisma: PrismaClient, connection: TransactionConnection, open: () => Promise<Tx>): Tx {
  const models = new Map<string | symbol, unknown>([[CONNECTION, connection]])
  return new Proxy(prisma, {
    get(_, name) {
      const known = models.get(name)
      if (known !== undefined) return known
      const made = isRaw(name)
        ? async (...args: unknown[]) => method(await open(), name)(...args)
        : modelOnDemand(name, open)
      models.set(name, made)
      return made
    },
  })
}

function modelOnDemand(model: string | symbol, open: () => Promise<Tx>): object {
  return new Proxy(
    {},
    {
      get:
        (_, name) =>
        async (...args: unknown[]) => {
          const delegate: unknown = Reflect.get(await open(), model)
          if (typeof delegate !== 'object' || delegate === null)
            throw new Error(`There is no ${String(model)}`)
          return await method(delegate, name)(...args)
        },
    },
  )
}

function isRaw(name: string | symbol): boolean {
  return typeof name === 'string' && name.startsWith('$')
}

function method(of: object, name: string | symbol): Method {
  const found: unknown = Reflect.get(of, name)
  if (typeof found !== 'function') throw new Error(`There is no ${String(name)}`)
  return (...args) => Reflect.apply(found, of, args)
}
