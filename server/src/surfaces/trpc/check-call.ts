import type { AnyTRPCRouter } from '@trpc/server'
import type { Request, RequestHandler } from 'express'
import { NO_SUCH_PROCEDURE } from '../../contract/error-shape.ts'
import { type AppError, fail, invalid } from '../../contract/errors.ts'
import { answerError } from '../http/answer-error.ts'
import { isJson } from '../http/content-type.ts'
import { isMultipart } from '../http/multipart.ts'
import { takesFile } from './upload-request.ts'

/** The SDK's batches stay within this. */
export const MAX_BATCH_SIZE = 10

const PROCEDURE_PATH = /^\/[a-z][\w.]*(?:,[a-z][\w.]*)*$/i

/**
 * One spelling per procedure, two methods, one content type. tRPC's adapter takes the text after the last slash, any
 * method and multipart or binary bodies, each a way around a limit or a guard.
 */
export function checkCall(router: AnyTRPCRouter): RequestHandler {
  return (req, res, next) => {
    const refusal = refusalOf(router, req)
    if (refusal === undefined) {
      next()
      return
    }
    if (refusal.code === 'METHOD_NOT_SUPPORTED') res.setHeader('Allow', 'GET, POST')
    answerError(res, refusal)
  }
}

/** The procedure paths of a request that passed {@link checkCall}. */
export function pathsOf(req: Request): string[] {
  const [path = ''] = req.url.split('?')
  return path.slice(1).split(',')
}

/** Whether a request is a batch, also of one. */
export function isBatch(req: Request): boolean {
  return req.query.batch === '1'
}

function refusalOf(router: AnyTRPCRouter, req: Request): AppError | undefined {
  if (req.method !== 'GET' && req.method !== 'POST') return fail('METHOD_NOT_SUPPORTED')
  const [path = ''] = req.url.split('?')
  if (!PROCEDURE_PATH.test(path)) return noSuchProcedure()
  const { batch } = req.query
  if (batch !== undefined && batch !== '1') return invalid('batch', 'Leave it out or send 1.')
  const size = pathsOf(req).length
  if (batch === undefined && size > 1) return noSuchProcedure()
  if (size > MAX_BATCH_SIZE) return invalid('batch', `A batch has at most ${MAX_BATCH_SIZE} calls.`, size)
  if (req.method !== 'POST') return undefined
  if (batch === undefined && takesFile(router, path.slice(1))) {
    return isMultipart(req)
      ? undefined
      : fail('UNSUPPORTED_MEDIA_TYPE', { message: 'Send multipart/form-data.' })
  }
  return isJson(req.get('content-type')) ? undefined : fail('UNSUPPORTED_MEDIA_TYPE')
}

/** The same answer for a path that is misspelt, hidden or not there. */
export function noSuchProcedure(): AppError {
  return fail('NOT_FOUND', { message: NO_SUCH_PROCEDURE })
}
