import cors from 'cors'
import type { Step } from './fixed-headers.ts'

/** Lets the browser applications of `origins` in, and nobody else's. */
export function allowOrigins(origins: readonly string[]): Step {
  return cors({
    origin: [...origins],
    credentials: true,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: [
      'authorization',
      'content-type',
      'idempotency-key',
      'if-match',
      'if-none-match',
      'last-event-id',
      'mcp-method',
      'mcp-name',
      'mcp-protocol-version',
      'traceparent',
      'trpc-accept',
      'x-plinth-bypass',
      'x-plinth-contract',
      'x-plinth-cookies',
      'x-plinth-surface',
      'x-request-id',
    ],
    exposedHeaders: [
      'Accept-Ranges',
      'Content-Disposition',
      'Content-Range',
      'Deprecation',
      'ETag',
      'Idempotency-Replayed',
      'Link',
      'Location',
      'RateLimit',
      'RateLimit-Policy',
      'Retry-After',
      'Server-Timing',
      'Sunset',
      'X-Plinth-Contract',
      'X-Plinth-Outdated',
      'X-Request-Id',
      'X-Stream-Position',
    ],
    maxAge: 600,
  })
}
