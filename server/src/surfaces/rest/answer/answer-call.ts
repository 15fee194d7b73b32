import type { Request, Response } from 'express'
import type { CallContext } from '../../../contract/call-context.ts'
import { AppError } from '../../../contract/errors.ts'
import { invoke } from '../../../contract/invoke.ts'
import { endEarly } from '../../http/answer-early.ts'
import { answerErrorEarly } from '../../http/answer-error.ts'
import { isKnown } from '../../http/entity-tag.ts'
import { goneSignal } from '../../http/gone-signal.ts'
import { httpCallContext } from '../../http/http-call-context.ts'
import type { SurfaceOptions } from '../../http/surface-options.ts'
import { type Condition, readCondition, versionTag } from '../input/conditions.ts'
import { refusalOfBody } from '../input/read-body.ts'
import { inputReader, requireNoQuery } from '../input/read-input.ts'
import type { RestRoute } from '../route.ts'
import { isVersioned } from './is-versioned.ts'
import { locator } from './locate.ts'
import { fieldRenamer } from './rename-fields.ts'

/** Answers requests of one operation, whose path had `fields`. Throws only what nobody foresaw. */
export type AnswerOperation = (
  req: Request,
  res: Response,
  fields: Readonly<Record<string, string>>,
) => Promise<void>

/** The answers of a query or mutation. All that follows from its schemas is found out here, once. */
export function answerCall(
  options: SurfaceOptions,
  route: RestRoute,
  routes: readonly RestRoute[],
): AnswerOperation {
  const { router } = options
  const { entry, status } = route
  const { path } = entry
  const kind = entry.kind === 'query' ? 'query' : 'mutation'
  const read = inputReader(route)
  const rename = fieldRenamer(route)
  const locate = locator(route, routes)
  const hasVersion = isVersioned(entry.output)

  return async (req, res, fields) => {
    try {
      requireReadable(req, route)
      const context: CallContext = httpCallContext(options, req, res, false)
      // What it says about fields is for those who may call.
      const readInput = () => read({ req, fields, condition: requireCondition(req, route) })
      const output = await invoke({
        router,
        path,
        kind,
        readInput,
        context,
        signal: goneSignal(res),
      })
      if (res.destroyed) return
      const tag = hasVersion ? tagOf(output) : undefined
      if (tag !== undefined) res.setHeader('ETag', tag)
      const location = locate?.(output)
      if (location !== undefined) res.setHeader('Location', location)
      if (kind === 'query' && tag !== undefined && isKnown(req, tag)) return end(req, res, 304)
      if (status === 204) return end(req, res, status)
      const text = JSON.stringify(output)
      res.setHeader('Content-Type', 'application/json; charset=utf-8')
      if (req.method === 'HEAD') res.setHeader('Content-Length', Buffer.byteLength(text))
      end(req, res, status, text)
    } catch (thrown) {
      if (res.destroyed) return
      if (!(thrown instanceof AppError)) throw thrown
      answerErrorEarly(res, rename(thrown))
    }
  }
}

function end(req: Request, res: Response, status: number, text?: string): void {
  res.statusCode = status
  endEarly(req, res, text ?? '')
}

/** What has to be right before a call is one. @throws UNSUPPORTED_MEDIA_TYPE */
function requireReadable(req: Request, route: RestRoute): void {
  const refusal = route.method === 'GET' ? undefined : refusalOfBody(req, route)
  if (refusal !== undefined) throw refusal
  if (route.body !== 'multipart') return
  // The pipeline reads an upload's fields out of its form, and asks for no others.
  requireNoQuery(req)
  requireCondition(req, route)
}

/** @throws BAD_REQUEST */
function requireCondition(req: Request, route: RestRoute): Condition {
  const condition = readCondition(req, route)
  if (condition instanceof AppError) throw condition
  return condition
}

function tagOf(output: unknown): string | undefined {
  const version: unknown =
    typeof output === 'object' && output !== null ? Reflect.get(output, 'version') : undefined
  return typeof version === 'number' ? versionTag(version) : undefined
}
