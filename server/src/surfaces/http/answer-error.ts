import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import { errorData } from '../../contract/error-shape.ts'
import { type AppError, fail } from '../../contract/errors.ts'
import { normaliseError } from '../../contract/pipeline/normalise-error.ts'
import type { Logger } from '../../platform/logger.ts'

/** JSON-RPC's code for "the server says no" (https://www.jsonrpc.org/specification#error_object). */
export const JSON_RPC_SERVER_ERROR = -32_000

/** Sends an error in the one envelope all surfaces share. */
export function answerError(res: Response, error: AppError): void {
  const data = errorData(error, undefined)
  if (error.retryAfterMs !== undefined) res.setHeader('Retry-After', Math.ceil(error.retryAfterMs / 1_000))
  res.status(data.httpStatus).json({ error: { message: error.message, code: JSON_RPC_SERVER_ERROR, data } })
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
