import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the migrations of this checkout are. */
export const MIGRATIONS_DIRECTORY = fileURLToPath(
  new URL('../../../../../prisma/migrations', import.meta.url),
)

/** One folder of `prisma/migrations`. */
export interface Migration {
  /** The folder's name, which starts with a timestamp and so gives the order. */
  readonly name: string
  readonly sql: string
  /** As Prisma computes it: SHA-256 of the file, in hexadecimal. */
  readonly checksum: string
}

/** All migrations in `directory`, in the order they are applied. */
export async function readMigrations(directory = MIGRATIONS_DIRECTORY): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(directory, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

/** The statements that undo migration `name`. */
export function readDownScript(name: string, directory = MIGRATIONS_DIRECTORY): Promise<string> {
  return readFile(join(directory, name, 'down.sql'), 'utf8')
}
