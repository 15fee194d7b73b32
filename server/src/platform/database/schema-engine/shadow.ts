import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { socketUrl } from '../connection-string.ts'
import { serveWire } from '../embedded/wire-server.ts'

/** An empty embedded database in memory, for replaying migrations; `close` ends it and leaves no file. */
export async function openShadow(): Promise<{ connectionString: string; close: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'plinth-shadow-'))
  const database = await PGlite.create()
  const wire = await serveWire(
    (messages) => database.execProtocolRaw(messages),
    join(directory, '.s.PGSQL.5432'),
    60_000,
  )
  const close = async (): Promise<void> => {
    await wire.close()
    await database.close()
    await rm(directory, { recursive: true, force: true })
  }
  return { connectionString: socketUrl(directory), close }
}
