import type pg from 'pg'
import type { Prisma, PrismaClient } from '../../../generated/prisma/client.ts'

/** The calls that exist inside a transaction. */
export type Tx = Prisma.TransactionClient
/** What a repository takes: the client, or a transaction of it. */
export type Db = PrismaClient | Tx

/** Where the database writes its log lines. */
export interface DatabaseLogger {
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

/** The one database of a process, whichever kind it is. */
export interface Database {
  /** Embedded: PostgreSQL in WebAssembly on a folder of this machine. Postgres: a server named by a URL. */
  readonly kind: 'embedded' | 'postgres'
  readonly prisma: PrismaClient
  /** The connections behind `prisma`, for statements Prisma is too slow or too narrow for. */
  readonly pool: pg.Pool
  /** Where tools connect. Holds the password, if there is one: never log it. */
  readonly connectionString: string
  /**
   * Asks the database for an answer.
   * @throws Error when there is none within `timeoutMs`
   */
  ping(timeoutMs: number): Promise<void>
  /**
   * Names of the migrations of this checkout that are not applied, in order; one round trip.
   * @throws MigrationError when the database does not match this checkout
   */
  pendingMigrations(): Promise<string[]>
  /** Lets running statements finish, closes all connections and ends an embedded database that this process started. */
  close(): Promise<void>
}
