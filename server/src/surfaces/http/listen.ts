import { createServer, type Server } from 'node:net'

/** Somebody else listens there. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError'

  constructor(port: number) {
    super(`Port ${port} is taken; stop what uses it or set PORT.`)
  }
}

/**
 * Fails at once when `port` is taken, before a database is opened or migrated for nothing.
 * @throws PortTakenError
 */
export async function requireFreePort(port: number, host: string): Promise<void> {
  const probe = createServer((socket) => socket.destroy())
  await listen(probe, port, host)
  await new Promise((resolve) => probe.close(resolve))
}

/**
 * Resolves with the port once `server` listens on it.
 * @throws PortTakenError
 */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortTakenError(port) : error)
    })
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}
