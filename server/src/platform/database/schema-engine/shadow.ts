import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { isSocketUrl, socketUrl } from '../connection-string.ts'
import { serveWire } from '../embedded/wire-server.ts'
import { withClient } from './connection-check.ts'

/** An empty database for as long as it is needed. */
export interface Shadow {
  readonly connectionString: string
  /** Removes it. */
  close(): Promise<void>
}

/**
 * A database to replay migrations in: a new one on the server of `url`, or, where there is no server (the embedded
 * database has no second one beside it), one in memory.
 */
export function openShadow(url: string | undefined): Promise<Shadow> {
  return url === undefined || isSocketUrl(url) ? openInMemory() : createOnServer(url)
}

async function createOnServer(url: string): Promise<Shadow> {
  // The name the native engine gives, which database administrators may have granted.
  const name = `prisma_migrate_shadow_db_${randomUUID()}`
  await withClient(url, (client) => client.query(`CREATE DATABASE "${name}"`))
  const shadow = new URL(url)
  shadow.pathname = `/${name}`
  const close = async (): Promise<void> => {
    await withClient(url, (client) => client.query(`DROP DATABASE IF EXISTS "${name}"`))
  }
  return { connectionString: shadow.href, close }
}

async function openInMemory(): Promise<Shadow> {
  const directory = await mkdtemp(join(tmpdir(), 'plinth-shadow-'))
  const remove = (): void => rmSync(directory, { recursive: true, force: true })
  // The command line ends the engine without waiting for it to tidy up.
  process.once('exit', remove)
  const database = await PGlite.create()
  const wire = await serveWire(
    (messages) => database.execProtocolRaw(messages),
    join(directory, '.s.PGSQL.5432'),
    60_000,
  )
  const close = async (): Promise<void> => {
    await wire.close()
    await database.close()
    remove()
  }
  return { connectionString: socketUrl(directory), close }
}
