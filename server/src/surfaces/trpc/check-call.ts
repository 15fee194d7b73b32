import { type ParsedUrlQuery, parse } from 'node:querystring'
import type { AnyTRPCRouter } from '@trpc/server'
import type { Request } from 'express'
import { NO_SUCH_PROCEDURE } from '../../contract/error-shape.ts'
import { type AppError, fail, invalid } from '../../contract/errors.ts'
import { isJson } from '../http/content-type.ts'
import { isMultipart } from '../http/multipart.ts'
import { takesFile } from './upload-request.ts'

/** The SDK's batches stay within this. */
export const MAX_BATCH_SIZE = 10

const PROCEDURE_PATH = /^\/[a-z][\w.]*(?:,[a-z][\w.]*)*$/i

/** The procedure paths of a request that {@link refusalOf} has nothing against. */
export function pathsOf(req: Request): string[] {
  return pathOf(req).slice(1).split(',')
}

/** Whether a request is a batch, also of one. */
export function isBatch(req: Request): boolean {
  return queryOf(req).batch === '1'
}

const NO_QUERY: ParsedUrlQuery = {}
/** What was read last: a request asks for its query several times before anything else is done. */
let last: { readonly text: string; readonly query: ParsedUrlQuery } = { text: '', query: NO_QUERY }

/** The query string, read once; Express reads it again each time it is asked for. */
export function queryOf(req: Request): ParsedUrlQuery {
  const at = req.url.indexOf('?')
  if (at === -1) return NO_QUERY
  const text = req.url.slice(at + 1)
  if (last.text !== text) last = { text, query: parse(text) }
  return last.query
}

function pathOf({ url }: Request): string {
  const at = url.indexOf('?')
  return at === -1 ? url : url.slice(0, at)
}

/**
 * Why a request is no call, or undefined. One spelling per procedure, two methods, one content type: tRPC's adapter takes
 * the text after the last slash, any method and multipart or binary bodies, each a way around a limit or a guard.
 */
export function refusalOf(router: AnyTRPCRouter, req: Request): AppError | undefined {
  if (req.method !== 'GET' && req.method !== 'POST') return fail('METHOD_NOT_SUPPORTED')
  const path = pathOf(req)
  if (!PROCEDURE_PATH.test(path)) return noSuchProcedure()
  const { batch } = queryOf(req)
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
