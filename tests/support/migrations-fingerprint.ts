import { createHash } from 'node:crypto'
import { readMigrations } from '../../server/src/platform/database/migrations/migration-files.ts'

/** Twelve hexadecimal digits that change with any migration: prepared databases are kept under them. */
export async function migrationsFingerprint(): Promise<string> {
  const hash = createHash('sha256')
  for (const { name, checksum } of await readMigrations()) hash.update(`${name} ${checksum}\n`)
  return hash.digest('hex').slice(0, 12)
}
