import type { ClientBase, Pool } from 'pg'
import { DatabaseError } from '../database-error.ts'
import type { Migration } from './migration-files.ts'

/** The database and this checkout disagree about the schema. */
export class MigrationError extends DatabaseError {
  override readonly name = 'MigrationError'
}

interface HistoryRow {
  migration_name: string
  checksum: string
  finished: boolean
}

const UNDEFINED_TABLE = '42P01'

/** Prisma's own table, column for column, so that its commands read what we write. */
export const CREATE_HISTORY = `
  CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id" VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum" VARCHAR(64) NOT NULL,
    "finished_at" TIMESTAMPTZ,
    "migration_name" VARCHAR(255) NOT NULL,
    "logs" TEXT,
    "rolled_back_at" TIMESTAMPTZ,
    "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count" INTEGER NOT NULL DEFAULT 0
  )`

const READ_HISTORY = `
  SELECT migration_name, checksum, finished_at IS NOT NULL AS finished
  FROM "_prisma_migrations" WHERE rolled_back_at IS NULL ORDER BY started_at, migration_name`

/**
 * The names of applied migrations, oldest first; one round trip.
 * @throws MigrationError for a migration this checkout does not have, has in other words, or that failed half-way
 */
export async function appliedMigrations(
  db: Pool | ClientBase,
  known: readonly Migration[],
): Promise<string[]> {
  const checksums = new Map(known.map((migration) => [migration.name, migration.checksum]))
  const rows = await readHistory(db)
  for (const { migration_name: name, checksum, finished } of rows) {
    const expected = checksums.get(name)
    if (!finished) {
      throw new MigrationError(
        `Migration ${name} was started by Prisma and failed. Repair what it left, then run "npm run prisma -- migrate resolve".`,
      )
    }
    if (expected === undefined) {
      throw new MigrationError(
        `The database has migration ${name}, which this version does not know: it was used by a newer one. ` +
          'Run that version, or go back with its "npm run db:rollback".',
      )
    }
    if (expected !== checksum) {
      throw new MigrationError(
        `Migration ${name} was edited after it was applied. Restore prisma/migrations/${name}/migration.sql and ` +
          'put the change into a new migration.',
      )
    }
  }
  return rows.map((row) => row.migration_name)
}

async function readHistory(db: Pool | ClientBase): Promise<HistoryRow[]> {
  try {
    return (await db.query<HistoryRow>(READ_HISTORY)).rows
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === UNDEFINED_TABLE) return []
    throw error
  }
}
