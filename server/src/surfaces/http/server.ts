import { createServer, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Express } from 'express'
import { watchGauges } from '../../platform/telemetry/index.ts'
import { limitBodyTime } from './body-time.ts'
import { messagesFor } from './express-messages.ts'
import { listen } from './listen.ts'
import { toOriginForm } from './origin-form.ts'

/** Limits of the listener. */
export interface HttpServerOptions {
  readonly maxConnections: number
  /** The longest the body of an upload may take. */
  readonly uploadTimeoutMs?: number
  /** Patience with slow clients; tests have less. */
  readonly patience?: Patience
}

/** How long a client may take for what, in milliseconds. */
export interface Patience {
  readonly headersMs: number
  /** The whole request, body included. */
  readonly requestMs: number
  /** A connection on which nothing moves, also because its client does not read; streams ping every 15 s. */
  readonly silenceMs: number
  /** How often requests on their way are looked at. */
  readonly lookMs: number
}

/** A listening server that knows how to stop. */
export interface HttpServer {
  /** Resolves with the port once it listens; rejects with a readable message when it cannot. */
  listen(port: number, host: string): Promise<number>
  /** Still answers everything, and has every answer close its connection, so that kept ones go elsewhere in time. */
  beginDraining(): void
  /** How many connections are open now. */
  connections(): Promise<number>
  /** Takes no new connections, lets running calls finish within `timeoutMs`, ends streams at once. */
  drain(timeoutMs: number): Promise<void>
}

/** Node's own limits are 60 s for headers, 300 s for a request and no cap on connections: too kind to slow clients. */
const PATIENCE: Patience = { headersMs: 15_000, requestMs: 60_000, silenceMs: 90_000, lookMs: 5_000 }
const KEEP_ALIVE_MS = 65_000
/** For the answer to an upload that took too long. */
const ANSWER_MS = 20_000
const MAX_HEADER_BYTES = 16_384

const BAD_REQUEST = JSON.stringify({
  error: {
    message: 'The request is malformed.',
    code: -32_600,
    data: { code: 'BAD_REQUEST', httpStatus: 400 },
  },
})

/** Wraps the Express application into a Node server with time limits, a connection cap and orderly shutdown. */
export function createHttpServer(app: Express, options: HttpServerOptions): HttpServer {
  let answering = 0
  const streams: Streams = new Map()
  const { headersMs, requestMs, silenceMs, lookMs } = options.patience ?? PATIENCE
  let draining = false
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, connectionsCheckingInterval: lookMs, ...messagesFor(app) },
    (req, res) => {
      answering += 1
      if (draining) res.shouldKeepAlive = false
      res.once('close', () => {
        answering -= 1
      })
      toOriginForm(req)
      limitBodyTime(req, requestMs)
      app(req, res)
    },
  )
  /** Each is asked to end; those still there the next time do not read and are cut. */
  const endStreams = (): void => {
    for (const [res, end] of streams) {
      if (res.writableEnded) res.destroy()
      else end()
    }
  }
  server.on('connection', (socket: Socket) => streamsOf.set(socket, streams))
  server.headersTimeout = headersMs
  // One limit for all; that of ordinary bodies is kept by body-time.ts.
  server.requestTimeout = Math.max((options.uploadTimeoutMs ?? 0) + ANSWER_MS, requestMs)
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.timeout = silenceMs
  server.maxConnections = options.maxConnections
  server.on('clientError', (_error, socket: Socket) => refuseMalformed(socket))
  const stopGauges = watchGauges([
    {
      name: 'http.server.active_requests',
      unit: '{request}',
      description: 'HTTP requests being answered, streams among them',
      kind: 'sum',
      read: () => [{ value: answering }],
    },
  ])
  return {
    listen: (port, host) => listen(server, port, host),
    beginDraining() {
      draining = true
    },
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
      }),
    async drain(timeoutMs) {
      draining = true
      stopGauges()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      const sweep = setInterval(() => {
        server.closeIdleConnections()
        endStreams()
      }, 50)
      const deadline = setTimeout(() => server.closeAllConnections(), timeoutMs)
      await closed
      clearInterval(sweep)
      clearTimeout(deadline)
    },
  }
}

/** What would go on for ever, and how it ends. */
type Streams = Map<ServerResponse, () => void>

/**
 * The streams of the server that a connection came to. All answers of a server must not be kept in a set: each time that
 * such a set is full V8 makes another, and the former, dead in the old generation, keeps the next and every answer that
 * was in it. A dozen megabytes of 1,500 calls waited for a full collection, and each small one paused for 25 ms.
 */
const streamsOf = new WeakMap<Socket, Streams>()

/** Says that `res` would go on for ever, and how it ends when the server stops. */
export function endWhenDraining(res: ServerResponse, end: () => void): void {
  const streams = streamsOf.get(res.req.socket)
  // Nobody would take it out again.
  if (streams === undefined || res.destroyed) return
  streams.set(res, end)
  res.once('close', () => streams.delete(res))
}

function refuseMalformed(socket: Socket): void {
  if (!socket.writable) return
  const head = [
    'HTTP/1.1 400 Bad Request',
    'Content-Type: application/json',
    `Content-Length: ${BAD_REQUEST.length}`,
  ]
  socket.write(
    [...head, 'X-Content-Type-Options: nosniff', 'Connection: close', '', BAD_REQUEST].join('\r\n'),
  )
  // Not `end`: a client that goes on sending would keep its half of the connection, and our place for it, for ever.
  socket.destroySoon()
}
