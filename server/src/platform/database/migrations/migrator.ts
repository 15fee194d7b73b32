import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { Database, DatabaseLogger } from '../database.ts'
import { type Migration, readDownScript, readMigrations } from './migration-files.ts'
import { appliedMigrations, CREATE_HISTORY, MigrationError } from './migration-history.ts'

/** The advisory lock Prisma takes for its own migrate commands, so that those and ours exclude each other. */
const LOCK = 72_707_369
const LOCK_WAIT_MS = 60_000

type Target = Pick<Database, 'connectionString'>

export interface MigrateOptions {
  /** Told of every migration that was applied or undone. */
  readonly logger?: DatabaseLogger
  /** Where the migrations are; those of this checkout unless told. */
  readonly directory?: string
}

/**
 * Applies what is pending, each migration in one transaction with its row in the history, and returns the names.
 * Any number of processes may call it at once: one works, the others wait and find nothing left to do.
 * A migration therefore cannot hold statements that refuse to run in a transaction (CREATE INDEX CONCURRENTLY).
 * @throws MigrationError when the database does not match this checkout
 */
export async function migrate(database: Target, options: MigrateOptions = {}): Promise<string[]> {
  const migrations = await readMigrations(options.directory)
  return withClient(database, async (client) => {
    const done: string[] = []
    if (await isUpToDate(client, migrations)) return done
    for (;;) {
      const name = await exclusively(client, async () => {
        const applied = new Set(await history(client, migrations))
        const next = migrations.find((migration) => !applied.has(migration.name))
        if (next === undefined) return undefined
        const startedAt = new Date()
        await run(client, next.name, next.sql)
        await client.query(
          `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
           VALUES ($1, $2, $3, $4, clock_timestamp(), 1)`,
          [randomUUID(), next.checksum, next.name, startedAt],
        )
        return next.name
      })
      if (name === undefined) return done
      options.logger?.info('Migration applied', { migration: name })
      done.push(name)
    }
  })
}

/**
 * Whether nothing is pending, by one read: the usual start takes no lock and writes nothing, which is five statements less.
 * What does not fit is judged again under the lock, because somebody may just be migrating.
 */
async function isUpToDate(client: pg.Client, migrations: readonly Migration[]): Promise<boolean> {
  try {
    const applied = new Set(await appliedMigrations(client, migrations))
    return migrations.every(({ name }) => applied.has(name))
  } catch (error) {
    if (error instanceof MigrationError) return false
    throw error
  }
}

/** How far to go back: so many migrations, or until `to` is the last one applied. */
export type RollbackTarget = { readonly steps: number } | { readonly to: string }

/**
 * Undoes migrations, newest first, by their `down.sql`, each in one transaction with its row, and returns the names.
 * @throws MigrationError when the database does not match this checkout, or `to` is not applied
 */
export async function rollback(
  database: Target,
  target: RollbackTarget,
  options: MigrateOptions = {},
): Promise<string[]> {
  const migrations = await readMigrations(options.directory)
  return withClient(database, async (client) => {
    const done: string[] = []
    for (;;) {
      const name = await exclusively(client, async () => {
        const applied = await history(client, migrations)
        const last = lastToUndo(applied, target, done.length)
        if (last === undefined) return undefined
        await run(client, last, await readDownScript(last, options.directory))
        await client.query('DELETE FROM "_prisma_migrations" WHERE migration_name = $1', [last])
        return last
      })
      if (name === undefined) return done
      options.logger?.info('Migration undone', { migration: name })
      done.push(name)
    }
  })
}

function lastToUndo(applied: string[], target: RollbackTarget, undone: number): string | undefined {
  if ('steps' in target) return undone < target.steps ? applied.at(-1) : undefined
  if (!applied.includes(target.to))
    throw new MigrationError(`Migration ${target.to} is not applied; nothing was undone.`)
  return applied.at(-1) === target.to ? undefined : applied.at(-1)
}

async function history(client: pg.Client, migrations: readonly Migration[]): Promise<string[]> {
  await client.query(CREATE_HISTORY)
  return appliedMigrations(client, migrations)
}

async function run(client: pg.Client, name: string, sql: string): Promise<void> {
  try {
    await client.query(sql)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new MigrationError(`Migration ${name} failed and was undone: ${reason}`, { cause: error })
  }
}

async function exclusively<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN')
  try {
    await client.query(`SET LOCAL lock_timeout = ${LOCK_WAIT_MS}`)
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
    const result = await work()
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/** A connection of its own: migrations may run longer than any statement of the application. */
async function withClient<T>(database: Target, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: database.connectionString,
    application_name: 'plinth-migrate',
    connectionTimeoutMillis: 10_000,
    // Also for what is read before the migrations' own lock is asked for.
    lock_timeout: LOCK_WAIT_MS,
  })
  client.on('error', () => undefined)
  // A table that exists already is not news.
  client.on('notice', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
