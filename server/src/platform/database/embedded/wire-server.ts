import { createServer, type Server, type Socket } from 'node:net'
import { type Execute, Scheduler } from './scheduler.ts'
import { WireConnection } from './wire-connection.ts'
import { message } from './wire-frames.ts'

export interface WireServer {
  readonly server: Server
  /** Takes no new connection, ends those there are, and resolves once nothing runs any more. */
  close(): Promise<void>
}

/**
 * Serves one PostgreSQL session to many clients over `socketPath`.
 *
 * Written for this because `@electric-sql/pglite-socket` hands each protocol message over on its own and leaves
 * statement names alone: two connections preparing the same name fail there ("already exists"), and one query costs
 * five turns of its queue instead of one.
 */
export async function serveWire(
  execute: Execute,
  socketPath: string,
  idleInTransactionMs: number,
): Promise<WireServer> {
  // A copy: the answer to a start-up message is a view of a buffer that later answers overwrite.
  const greeting = Buffer.from(await execute(startup()))
  const options = { execute, scheduler: new Scheduler(), greeting, idleInTransactionMs }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    new WireConnection(socket, options)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath, resolve)
  })
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of sockets) socket.destroy()
    await closed
    // Connections clean up in the session when they close; wait behind them.
    await options.scheduler.schedule({}, () => Promise.resolve(false))
  }
  return { server, close }
}

/** The start-up message of protocol 3.0; its answer greets every client. */
function startup(): Buffer {
  const body = Buffer.from(
    '\0\x03\0\0user\0postgres\0database\0postgres\0client_encoding\0UTF8\0\0',
    'latin1',
  )
  return message(0, body).subarray(1)
}
