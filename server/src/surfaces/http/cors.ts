import cors from 'cors'
import type { RequestHandler } from 'express'

/** Lets the browser applications of `origins` in, and nobody else's. */
export function allowOrigins(origins: readonly string[]): RequestHandler {
  return cors({
    origin: [...origins],
    credentials: true,
    methods: ['GET', 'POST'],
    allowedHeaders: [
      'authorization',
      'content-type',
      'idempotency-key',
      'last-event-id',
      'traceparent',
      'trpc-accept',
      'x-plinth-bypass',
      'x-plinth-cookies',
      'x-request-id',
    ],
    exposedHeaders: [
      'Accept-Ranges',
      'Content-Disposition',
      'Content-Range',
      'ETag',
      'Idempotency-Replayed',
      'RateLimit',
      'RateLimit-Policy',
      'Retry-After',
      'Server-Timing',
      'X-Request-Id',
      'X-Stream-Position',
    ],
    maxAge: 600,
  })
}
