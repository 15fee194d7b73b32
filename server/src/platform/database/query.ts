import type { QueryConfig, QueryResultRow } from 'pg'
import type { Database } from './database.ts'

/** A statement that each connection prepares once. */
export interface NamedQuery extends QueryConfig {
  /** The same name must always go with the same text. */
  readonly name: string
  readonly text: string
  readonly values: unknown[]
}

/**
 * Runs a prepared statement on the pool, past Prisma: about half the processor time for reads that are made all the
 * time. Rows are what `pg` makes of them, named as the statement names its columns; the caller says their type.
 */
export async function query<Row extends QueryResultRow>(
  database: Pick<Database, 'pool'>,
  statement: NamedQuery,
): Promise<Row[]> {
  const { rows } = await database.pool.query<Row>(statement)
  return rows
}
