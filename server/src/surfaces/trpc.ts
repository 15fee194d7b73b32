import { createExpressMiddleware } from '@trpc/server/adapters/express'
import type { AnyTRPCRouter } from '@trpc/server'
import { type Request, type RequestHandler, type Response, Router } from 'express'
import { type AnswerHeaders, type CallContext, type ContractRuntime, createCallContext } from '../contract/call-context.ts'
import { type AppError, errorCodes, fail, invalid } from '../contract/errors.ts'
import { toTrpcError } from '../contract/pipeline/normalise-error.ts'
import { answerError } from './http/answer-error.ts'
import { type CookieOptions, cookieJar } from './http/cookies.ts'
import { requireContext } from './http/request.ts'

/** What the tRPC surface is made of. */
export interface TrpcSurfaceOptions {
  readonly router: AnyTRPCRouter
  readonly runtime: ContractRuntime
  readonly cookies: CookieOptions
}

/** The SDK's batches stay within this. */
export const MAX_BATCH_SIZE = 10

const PROCEDURE_PATH = /^\/[a-z][\w.]*(?:,[a-z][\w.]*)*$/i
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/

/** tRPC over HTTP under `/trpc`, with the doors closed that its adapter leaves open. */
export function trpcSurface(options: TrpcSurfaceOptions): Router {
  const routes = Router({ caseSensitive: true, strict: true })
  routes.use(checkCall())
  routes.use(
    createExpressMiddleware({
      router: options.router,
      maxBatchSize: MAX_BATCH_SIZE,
      createContext({ req, res, info }) {
        try {
          return callContext(options, req, res, info.isBatchCall)
        } catch (error) {
          throw toTrpcError(error)
        }
      },
      responseMeta: ({ ctx, type }) => {
        const status = type === 'subscription' ? failures.get(ctx ?? {}) : undefined
        return status === undefined ? {} : { status }
      },
    }),
  )
  return routes
}

/** Streams start with status 200 unless told otherwise; a refused one should say so before its first event. */
const failures = new WeakMap<object, number>()

function callContext(options: TrpcSurfaceOptions, req: Request, res: Response, batched: boolean): CallContext {
  const headers = answerHeaders(res)
  const context = createCallContext({
    runtime: options.runtime,
    request: requireContext(),
    credentials: { bearer: bearer(req.get('authorization')) },
    cookies: cookieJar(req, res, options.cookies),
    idempotencyKey: idempotencyKey(req),
    bypassReason: bypassReason(req),
    batched,
    headers: { ...headers, failed: (error: AppError) => void failures.set(context, errorCodes[error.code].status) },
  })
  return context
}

function answerHeaders(res: Response): Omit<AnswerHeaders, 'failed'> {
  return {
    set: (name, value) => void res.setHeader(name, value),
    append: (name, value) => void res.appendHeader(name, value),
  }
}

/** The credential as sent; one that is malformed is kept as an empty text, which authenticates nobody. */
function bearer(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  return /^Bearer ([\w.~+/=-]{1,4096})$/i.exec(header)?.[1] ?? ''
}

function idempotencyKey(req: Request): string | undefined {
  const key = req.get('idempotency-key')
  if (key !== undefined && !IDEMPOTENCY_KEY.test(key)) {
    throw invalid('Idempotency-Key', 'Give 1–255 printable ASCII characters without spaces.')
  }
  return key
}

function bypassReason(req: Request): string | undefined {
  const reason = req.get('x-plinth-bypass')?.trim()
  if (reason !== undefined && (reason.length < 3 || reason.length > 200)) {
    throw invalid('X-Plinth-Bypass', 'Say in 3–200 characters why membership is stepped over.')
  }
  return reason
}

/**
 * One spelling per procedure, two methods, one content type. The adapter would take the text after the last slash, any
 * method and multipart or binary bodies, each a way around a limit or a guard.
 */
function checkCall(): RequestHandler {
  return (req, res, next) => {
    const refusal = refusalOf(req)
    if (refusal === undefined) next()
    else answerError(res, refusal)
  }
}

function refusalOf(req: Request): AppError | undefined {
  if (req.method !== 'GET' && req.method !== 'POST' && req.method !== 'HEAD') return fail('METHOD_NOT_SUPPORTED')
  const [path = ''] = req.url.split('?')
  if (!PROCEDURE_PATH.test(path)) return fail('NOT_FOUND', { message: 'There is no such procedure.' })
  const { batch } = req.query
  if (batch !== undefined && batch !== '1') return invalid('batch', 'Leave it out or send 1.')
  if (batch === undefined && path.includes(',')) return fail('NOT_FOUND', { message: 'There is no such procedure.' })
  if (req.method === 'POST' && !isJson(req.get('content-type'))) return fail('UNSUPPORTED_MEDIA_TYPE')
  return undefined
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/json(?:\s*;\s*charset="?utf-8"?)?$/i.test(contentType?.trim() ?? '')
}
