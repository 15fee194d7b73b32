import { createHash } from 'node:crypto'
import boss from 'pg-boss/package.json' with { type: 'json' }
import { readMigrations } from '../../server/src/platform/database/migrations/migration-files.ts'

/** Twelve hexadecimal digits that change with any migration and with the queue's tables: prepared databases are kept under them. */
export async function migrationsFingerprint(): Promise<string> {
  const hash = createHash('sha256').update(`pg-boss ${boss.version}\n`)
  for (const { name, checksum } of await readMigrations()) hash.update(`${name} ${checksum}\n`)
  return hash.digest('hex').slice(0, 12)
}
