import type { Request, Response } from 'express'
import { type CallContext, createCallContext } from '../../contract/call-context.ts'
import { invalid } from '../../contract/errors.ts'
import { cookieJar } from './cookies.ts'
import { isMultipart, multipartSource } from './multipart.ts'
import { requireContext } from './request.ts'
import type { SurfaceOptions } from './surface-options.ts'

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/

/**
 * Reads from a request what the pipeline needs to know of a call.
 * @throws BAD_REQUEST for a malformed header, FORBIDDEN (ORIGIN_REFUSED) for cookies from a strange origin
 */
export function httpCallContext(
  options: SurfaceOptions,
  req: Request,
  res: Response,
  batched: boolean,
): CallContext {
  return createCallContext({
    runtime: options.runtime,
    request: requireContext(),
    credentials: { bearer: bearer(req.get('authorization')) },
    cookies: cookieJar(req, res, options.cookies),
    idempotencyKey: idempotencyKey(req),
    bypassReason: bypassReason(req),
    batched,
    upload: isMultipart(req) ? multipartSource(req, { timeoutMs: options.uploadTimeoutMs }) : undefined,
    headers: {
      shownLimits: new Map(),
      // A batch that is streamed (JSONL) has sent its head before its calls are done.
      set(name, value) {
        // Of the calls of a batch the longest wait counts.
        const isShorter = name === 'Retry-After' && Number(res.getHeader(name) ?? 0) > Number(value)
        if (!res.headersSent && !isShorter) res.setHeader(name, value)
      },
    },
  })
}

/** The credential as sent; one that is malformed is kept as an empty text, which authenticates nobody. */
function bearer(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  return /^Bearer ([\w.~+/=-]{1,4096})$/i.exec(header)?.[1] ?? ''
}

function idempotencyKey(req: Request): string | undefined {
  const key = req.get('idempotency-key')
  return key === undefined ? undefined : requireIdempotencyKey('Idempotency-Key', key)
}

/** @throws BAD_REQUEST about `field` when `key` is none */
export function requireIdempotencyKey(field: string, key: unknown): string {
  if (typeof key === 'string' && IDEMPOTENCY_KEY.test(key)) return key
  throw invalid(field, 'Give 1–255 printable ASCII characters without spaces.')
}

function bypassReason(req: Request): string | undefined {
  const reason = req.get('x-plinth-bypass')?.trim()
  if (reason !== undefined && (reason.length < 3 || reason.length > 200)) {
    throw invalid('X-Plinth-Bypass', 'Say in 3–200 characters why membership is stepped over.')
  }
  return reason
}
