import { randomBytes, timingSafeEqual } from 'node:crypto'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { SOCKET_NAME } from './layout.ts'
import {
  CANCEL_REQUEST,
  errorResponse,
  GSS_REQUEST,
  message,
  SSL_REQUEST,
  takeFrame,
  takeStartup,
} from './wire-frames.ts'

const AUTHENTICATION_REQUEST = 0x52
const PASSWORD_MESSAGE = 0x70
const CLEARTEXT = Buffer.from([0, 0, 0, 3])

/** A way to the embedded database for tools that know no Unix sockets. */
export interface TcpGate {
  /** Holds a password made for this gate. */
  readonly connectionString: string
  close(): Promise<void>
}

/**
 * Opens a port on the loopback interface that leads to the socket in `socketDirectory`. Any user of the machine can
 * reach such a port, so it asks for a password, which the socket, behind its folder's permissions, need not.
 */
export async function openTcpGate(socketDirectory: string): Promise<TcpGate> {
  const password = randomBytes(24).toString('hex')
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    guard(socket, password, join(socketDirectory, SOCKET_NAME))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = address instanceof Object ? address.port : 0
  return {
    connectionString: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`,
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** Lets the client say who it is and give the password, then connects it through. */
function guard(client: Socket, password: string, target: string): void {
  let buffer: Buffer = Buffer.alloc(0)
  let startup: Buffer | undefined
  const receive = (data: Buffer): void => {
    buffer = Buffer.concat([buffer, data])
    try {
      startup ??= awaitStartup()
      const answer = startup === undefined ? undefined : takeFrame(buffer)
      if (startup === undefined || answer === undefined) return
      const given = answer.frame.bytes.subarray(5, -1)
      if (answer.frame.type !== PASSWORD_MESSAGE || !same(given, Buffer.from(password))) {
        client.end(errorResponse('FATAL', '28P01', 'Wrong password.'))
        return
      }
      client.off('data', receive)
      connectThrough(client, target, Buffer.concat([startup, answer.rest]))
    } catch {
      client.destroy()
    }
  }
  const awaitStartup = (): Buffer | undefined => {
    for (let first = takeStartup(buffer); first !== undefined; first = takeStartup(buffer)) {
      buffer = first.rest
      if (first.code === CANCEL_REQUEST) return void client.destroy()
      if (first.code !== SSL_REQUEST && first.code !== GSS_REQUEST) {
        client.write(message(AUTHENTICATION_REQUEST, CLEARTEXT))
        return first.bytes
      }
      client.write('N')
    }
    return undefined
  }
  client.on('data', receive)
}

function connectThrough(client: Socket, target: string, first: Buffer): void {
  const database = connect(target)
  database.on('error', () => client.destroy())
  database.on('close', () => client.destroy())
  client.on('close', () => database.destroy())
  database.write(first)
  client.pipe(database)
  database.pipe(client)
}

function same(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected)
}
