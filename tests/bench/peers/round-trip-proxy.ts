import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { portOf } from './collector.ts'
import { messageReader } from './message-reader.ts'

/** Stands between a server and PostgreSQL and counts round trips. */
export interface RoundTripProxy extends AsyncDisposable {
  /** The database's address through it. */
  readonly url: string
  /** How often PostgreSQL has said that it is ready for the next query. */
  readonly count: () => number
}

/** Requests for TLS and GSSAPI, which a client may begin with (PostgreSQL, "Message Formats": SSLRequest, GSSENCRequest). */
const ENCRYPTION_REQUESTS = new Set([80_877_103, 80_877_104])
const READY_FOR_QUERY = 'Z'

/** Starts one before the database of `databaseUrl`, which must take connections without TLS. */
export async function startRoundTripProxy(databaseUrl: string): Promise<RoundTripProxy> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let ready = 0
  const server = createServer((client) => {
    const backend = connect(Number(target.port || 5432), target.hostname)
    for (const socket of [client, backend]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        backend.destroy()
      })
    }
    const readMessages = messageReader((type) => {
      if (type === READY_FOR_QUERY) ready += 1
    })
    refuseEncryption(client, (first) => {
      backend.write(first)
      client.pipe(backend)
    })
    backend.on('data', (chunk: Buffer) => {
      readMessages(chunk)
      client.write(chunk)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String(portOf(server.address()))
  return {
    url: url.href,
    count: () => ready,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

/** Answers "no" to requests for encryption, and hands over what comes then. */
function refuseEncryption(client: Socket, go: (first: Buffer) => void): void {
  client.once('data', (chunk: Buffer) => {
    if (chunk.length === 8 && ENCRYPTION_REQUESTS.has(chunk.readUInt32BE(4))) {
      refuseEncryption(client, go)
      client.write('N')
    } else go(chunk)
  })
}
