import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MigrationError, migrate, rollback } from '../../../server/src/platform/database/index.ts'
import { MIGRATIONS_DIRECTORY } from '../../../server/src/platform/database/migrations/migration-files.ts'
import { createTestDatabase, databaseKind, type TestDatabase } from '../../support/database.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase(databaseKind())
})
afterAll(() => db.drop())

/** Everything a migration makes, as text. */
async function catalogue(): Promise<string[]> {
  const { rows } = await db.database.pool.query<{ line: string }>(`
    SELECT table_name || '.' || column_name || ' ' || data_type AS line FROM information_schema.columns
      WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'
    UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT typname::text FROM pg_type WHERE typtype = 'e' AND typnamespace = 'public'::regnamespace
    UNION ALL SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ORDER BY 1`)
  return rows.map((row) => row.line)
}

test('every migration can be undone without a trace and applied again', async () => {
  const before = await catalogue()
  expect(before.length).toBeGreaterThan(50)

  const undone = await rollback(db.database, { steps: 1_000 })
  expect(await catalogue()).toEqual([])
  expect(await db.database.pendingMigrations()).toEqual([...undone].reverse())

  expect(await migrate(db.database)).toEqual([...undone].reverse())
  expect(await catalogue()).toEqual(before)
  expect(await db.database.pendingMigrations()).toEqual([])
})

test('several processes that migrate at once apply each migration once', async () => {
  await rollback(db.database, { steps: 1_000 })
  const pending = await db.database.pendingMigrations()
  const results = await Promise.all(Array.from({ length: 4 }, () => migrate(db.database)))
  expect(results.flat().sort()).toEqual(pending)
})

test('a database of a newer version is refused', async () => {
  await db.database.pool.query(`
    INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at)
    VALUES ('x', 'x', '29991231000000_from_the_future', now())`)
  await expect(migrate(db.database)).rejects.toThrow(MigrationError)
  await expect(db.database.pendingMigrations()).rejects.toThrow('29991231000000_from_the_future')
  await db.database.pool.query(`DELETE FROM _prisma_migrations WHERE id = 'x'`)
})

test('a migration that was edited after it was applied is refused', async () => {
  await db.database.pool.query(`UPDATE _prisma_migrations SET checksum = reverse(checksum)`)
  await expect(migrate(db.database)).rejects.toThrow(/was edited after it was applied/)
  await db.database.pool.query(`UPDATE _prisma_migrations SET checksum = reverse(checksum)`)
})

test('a migration that fails leaves nothing behind and names itself', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'plinth-migrations-'))
  try {
    await cp(MIGRATIONS_DIRECTORY, directory, { recursive: true })
    await mkdir(join(directory, '29991231000000_broken'))
    await writeFile(
      join(directory, '29991231000000_broken', 'migration.sql'),
      'CREATE TABLE half (id int); SELECT 1 / 0;',
    )
    await expect(migrate(db.database, { directory })).rejects.toThrow(/29991231000000_broken failed/)
    expect(await catalogue()).not.toContain('half.id integer')
    expect(await db.database.pendingMigrations()).toEqual([])
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})

test('Prisma reads our history, and its schema is what the migrations make', {
  timeout: 120_000,
}, async () => {
  const env = { ...process.env, DATABASE_URL: db.database.connectionString }
  const prisma = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['node_modules/prisma/build/index.js', ...args], { cwd: ROOT, env })

  expect((await prisma('migrate', 'status')).stdout).toContain('Database schema is up to date!')
  const difference = ['--from-config-datasource', '--to-schema', 'prisma/schema', '--exit-code']
  expect((await prisma('migrate', 'diff', ...difference)).stdout).toContain('No difference detected.')
  // What Prisma applies is known to us as well.
  await rollback(db.database, { steps: 1_000 })
  expect((await prisma('migrate', 'deploy')).stdout).toContain('successfully applied')
  expect(await db.database.pendingMigrations()).toEqual([])
})
