import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import { type AppError, errorCodes, fail } from '../../contract/errors.ts'
import { normaliseError } from '../../contract/pipeline/normalise-error.ts'
import type { Logger } from '../../platform/logger.ts'
import { endEarly } from './answer-early.ts'
import { errorEnvelope } from './error-envelope.ts'
import { surfaceOf } from './surface-of.ts'

/** Sends an error as the whole answer, in the envelope of the surface that the request came in by. */
export function answerError(res: Response, error: AppError): void {
  res.end(headed(res, error))
}

/** The same to a request whose body may still be coming in, as that of an upload is. */
export function answerErrorEarly(res: Response, error: AppError): void {
  endEarly(res.req, res, headed(res, error))
}

/** Sets what comes before the text of an answer, and gives the text. */
function headed(res: Response, error: AppError): string {
  const { contentType, body } = errorEnvelope(surfaceOf(res.req), error)
  if (error.retryAfterMs !== undefined) res.setHeader('Retry-After', Math.ceil(error.retryAfterMs / 1_000))
  // RFC 9110, §15.5.2.
  if (error.code === 'UNAUTHORIZED' && !res.hasHeader('WWW-Authenticate'))
    res.setHeader('WWW-Authenticate', 'Bearer')
  res.statusCode = errorCodes[error.code].status
  res.setHeader('Content-Type', contentType)
  return JSON.stringify(body)
}

/** Refuses, and closes the connection so that the rest of an unwanted body is not waited for. */
export function refuseAndClose(res: Response, error: AppError): void {
  res.setHeader('Connection', 'close')
  answerError(res, error)
}

/** The end of the line for paths that nothing serves. */
export function notFound(): RequestHandler {
  return (_req, res) => answerError(res, fail('NOT_FOUND', { message: 'There is nothing at this address.' }))
}

/** The last error handler: whatever was thrown leaves as an error of the catalogue. */
export function lastResort(logger: Logger): ErrorRequestHandler {
  return (thrown: unknown, _req, res, _next) => {
    const error = asClientMistake(thrown) ?? normaliseError(thrown)
    if (error.code === 'INTERNAL_SERVER_ERROR') logger.error('request failed', { error: thrown })
    if (res.headersSent) res.destroy()
    else answerError(res, error)
  }
}

/** Express reports malformed URLs as errors with a status; those are the caller's. */
function asClientMistake(thrown: unknown): AppError | undefined {
  if (!(thrown instanceof Error) || !('status' in thrown) || typeof thrown.status !== 'number')
    return undefined
  return thrown.status >= 400 && thrown.status < 500
    ? fail('BAD_REQUEST', { message: 'The request is malformed.' })
    : undefined
}
