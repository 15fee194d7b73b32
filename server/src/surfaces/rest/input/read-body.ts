import type { Request } from 'express'
import { type AppError, fail } from '../../../contract/errors.ts'
import { isJson } from '../../http/content-type.ts'
import { isMultipart } from '../../http/multipart.ts'
import type { RestRoute } from '../route.ts'

/** Why the body of `req` is of a kind that an operation does not take, or undefined. */
export function refusalOfBody(
  req: Request,
  { body, needsBody }: Pick<RestRoute, 'body' | 'needsBody'>,
): AppError | undefined {
  if (body === 'multipart') {
    return isMultipart(req)
      ? undefined
      : fail('UNSUPPORTED_MEDIA_TYPE', { message: 'Send multipart/form-data.' })
  }
  const type = req.get('content-type')
  // What sends no body need not say what kind it is.
  if (type === undefined && !needsBody && textOf(req) === '') return undefined
  return isJson(type) ? undefined : fail('UNSUPPORTED_MEDIA_TYPE')
}

/**
 * The object in the body of `req`; empty when there is no body.
 * @throws BAD_REQUEST when it is something else
 */
export function readJsonObject(req: Request): Readonly<Record<string, unknown>> {
  const text = textOf(req)
  if (text === '') return {}
  const value = parse(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw fail('BAD_REQUEST', { message: 'Send a JSON object.' })
}

/** The body as `readBody` left it: nothing where a request has none. */
function textOf(req: Request): string {
  const body: unknown = req.body
  return typeof body === 'string' ? body : ''
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw fail('BAD_REQUEST', { message: 'The body is not valid JSON.', cause })
  }
}
