import path from 'node:path'
import { type Database, openDatabase, socketDirectoryOf } from '../../server/src/platform/database/index.ts'
import { startProxy, type TcpProxy } from './tcp-proxy.ts'

/** A database, seen by a process with one connection, over a wire that can be cut. */
export interface DatabaseByWire extends AsyncDisposable {
  readonly database: Database
  readonly wire: TcpProxy
}

/** Opens `target` once more. */
export async function openByWire(target: Database): Promise<DatabaseByWire> {
  const url = new URL(target.connectionString)
  const sockets = socketDirectoryOf(target.connectionString)
  const port = Number(url.port === '' ? 5432 : url.port)
  const wire = await startProxy(sockets === undefined ? port : path.join(sockets, `.s.PGSQL.${port}`))
  url.host = new URL(wire.baseUrl).host
  url.searchParams.delete('host')
  const settings = { poolSize: 1, poolWaitMs: 5_000, statementTimeoutMs: 5_000, dataDirectory: '' }
  const opened = await openDatabase({ ...settings, url: url.href })
  return {
    database: { ...opened, kind: target.kind },
    wire,
    async [Symbol.asyncDispose]() {
      await opened.close()
      await wire[Symbol.asyncDispose]()
    },
  }
}
