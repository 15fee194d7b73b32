import type { Database, OpenDatabaseOptions } from '../../server/src/platform/database/index.ts'
import { createEmbeddedDatabase } from './embedded-database.ts'
import { createPostgresDatabase } from './postgres-database.ts'

/** The two databases the server runs on. */
export type DatabaseKind = Database['kind']

/** A migrated database that nothing else uses. */
export interface TestDatabase {
  readonly database: Database
  /** Closes it and removes every trace. */
  drop(): Promise<void>
}

/** What a test may ask for beside the defaults. */
export type TestDatabaseOptions = Partial<
  Pick<OpenDatabaseOptions, 'poolSize' | 'poolWaitMs' | 'poolWaiting' | 'statementTimeoutMs' | 'logger'>
>

/** On which of the two the running test was asked to work; embedded when it is run by itself. */
export function databaseKind(): DatabaseKind {
  return process.env.TEST_DATABASE === 'postgres' ? 'postgres' : 'embedded'
}

/** A database of `kind` with every migration applied and no rows: a copy of one that was prepared once. */
export function createTestDatabase(
  kind: DatabaseKind,
  options: TestDatabaseOptions = {},
): Promise<TestDatabase> {
  const settings = { poolSize: 10, poolWaitMs: 10_000, statementTimeoutMs: 10_000, ...options }
  return kind === 'embedded' ? createEmbeddedDatabase(settings) : createPostgresDatabase(settings)
}
