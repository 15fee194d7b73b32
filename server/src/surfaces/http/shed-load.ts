import type { IncomingMessage } from 'node:http'
import type { Request, RequestHandler, Response } from 'express'
import { failBecause } from '../../contract/errors.ts'
import type { LoadGuard } from '../../platform/limits/index.ts'
import type { Logger } from '../../platform/logger.ts'
import { parseTraceparent, traceIdFrom } from '../../platform/request-context.ts'
import { errorEnvelope } from './error-envelope.ts'
import { beforeHead } from './express-messages.ts'
import { surfaceOf } from './surface-of.ts'

/** A body up to this size is read to its end and thrown away; the connection is worth more. */
const MAX_DISCARDED_BYTES = 65_536
const LOG_EVERY_MS = 5_000
/** Whoever watches over the server must see it, above all now. */
const NEVER_SHED = /^\/(?:livez|readyz|api\/health|metrics)(?:\?|$)/

/** Those of `securityHeaders` that mean something on an error in JSON; a test keeps them equal. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none';frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
} as const

/** How load is shed, before the body and before the work. */
export interface LoadGates {
  /** The very first: refuses at once while the process has as much to do as it can. */
  readonly refuseEarly: RequestHandler
  /** After the body, so that slow senders take no place: takes one for each call, for as long as {@link Stay} says. */
  readonly beforeWork: RequestHandler
}

/**
 * How long a request keeps its places. Not at all when its body is still to come: slow senders must not push everybody
 * else out. To its end when its head is sent before its calls are done.
 */
export type Stay = 'none' | 'until head' | 'until end'

/**
 * Answers 503 OVERLOADED with `Retry-After` instead of taking on work that everybody would wait for. Before everything
 * else and with all its headers at once: under three times the load there are two refusals for each call. Streams and
 * downloads give their place back when they begin, uploads at once; they have caps of their own.
 */
export function shedLoad(
  guard: LoadGuard,
  corsOrigins: readonly string[],
  logger: Pick<Logger, 'warn'>,
  stayOf: (req: Request) => Stay = () => 'until head',
): LoadGates {
  let logged = -LOG_EVERY_MS
  const refuse = (req: Request, res: Response): void => {
    guard.noteRefusal()
    if (performance.now() - logged > LOG_EVERY_MS) {
      logged = performance.now()
      logger.warn('overloaded: refusing calls', { refused: guard.refused() })
    }
    answerOverloaded(req, res, corsOrigins)
  }
  return {
    refuseEarly(req, res, next) {
      if (guard.isBusy() && req.method !== 'OPTIONS' && !NEVER_SHED.test(req.url)) refuse(req, res)
      else next()
    },
    beforeWork(req, res, next) {
      const leave = guard.enter(callsIn(req))
      if (leave === undefined) return refuse(req, res)
      const stay = stayOf(req)
      if (stay === 'none') leave()
      else {
        res.once('close', leave)
        res.once(LEAVE, leave)
      }
      if (stay === 'until head') beforeHead(res, leave)
      next()
    },
  }
}

/** On an answer: its request needs no place any more. */
const LEAVE = Symbol('leave')

/** Gives back the place of a request that from here on only waits. Whoever says so has a cap of its own for waiting. */
export function leavePlace(res: Response): void {
  res.emit(LEAVE)
}

function answerOverloaded(req: Request, res: Response, corsOrigins: readonly string[]): void {
  // Between half a second and a second and a half, so that not all come back at once.
  const retryAfterMs = Math.round(500 + Math.random() * 1_000)
  const traceId = traceIdFrom(
    parseTraceparent(text(req.headers.traceparent)),
    text(req.headers['x-request-id']),
  )
  const envelope = errorEnvelope(surfaceOf(req), failBecause('OVERLOADED', { retryAfterMs }), traceId)
  const body = JSON.stringify(envelope.body)
  const { origin } = req.headers
  // Without these a browser would not let the client see how long to wait.
  if (origin !== undefined && !res.headersSent && corsOrigins.includes(origin)) {
    res.setHeader('Access-Control-Allow-Origin', origin)
    res.setHeader('Access-Control-Allow-Credentials', 'true')
    res.setHeader('Access-Control-Expose-Headers', 'Retry-After,X-Request-Id')
    res.setHeader('Vary', 'Origin')
  }
  if (hasLargeBody(req)) res.setHeader('Connection', 'close')
  res.writeHead(503, {
    ...HEADERS,
    'Content-Type': envelope.contentType,
    'Content-Length': Buffer.byteLength(body),
    'Retry-After': Math.ceil(retryAfterMs / 1_000),
    'X-Request-Id': traceId,
  })
  res.end(body)
}

function text(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined
}

function hasLargeBody(req: IncomingMessage): boolean {
  if (req.complete) return false
  const { 'transfer-encoding': encoding, 'content-length': length = '0' } = req.headers
  return encoding !== undefined || Number(length) > MAX_DISCARDED_BYTES
}

/** The calls of a batch are separated by commas; elsewhere a comma is a letter of a path. */
function callsIn(req: Request): number {
  if (!req.path.startsWith('/trpc/')) return 1
  return req.path.split(',', 11).length
}
