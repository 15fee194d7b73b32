import type { Request, RequestHandler } from 'express'
import { fail } from '../../contract/errors.ts'
import { takesFile } from '../../contract/registry.ts'
import { answerError } from '../http/answer-error.ts'
import type { SurfaceOptions } from '../http/surface-options.ts'
import { type AnswerOperation, answerCall } from './answer/answer-call.ts'
import { operationMatcher } from './match-operation.ts'
import { REST_BASE, type RestRoute } from './route.ts'

/** REST under `/api/v1`. */
export interface RestSurface {
  readonly handler: RequestHandler
  /** Whether `req`, seen from the top of the server, sends a file. */
  isUpload(req: Request): boolean
}

interface Operation {
  readonly route: RestRoute
  readonly answer: AnswerOperation
}

/** Every procedure as a REST operation (docs/rest.md). */
export function restSurface(options: SurfaceOptions, routes: readonly RestRoute[]): RestSurface {
  const matcher = operationMatcher<Operation>(
    routes
      .filter(({ entry }) => entry.kind !== 'subscription')
      .map((route) => ({ route, operation: { route, answer: answerCall(options, route, routes) } })),
  )
  return {
    handler: function restOperations(req, res, next) {
      const path = pathOf(req.url)
      const found = matcher.find(req.method === 'HEAD' ? 'GET' : req.method, path)
      const runs = found !== undefined && (req.method !== 'HEAD' || hasHead(found.operation.route))
      if (found !== undefined && runs) found.operation.answer(req, res, found.fields).catch(next)
      else refuse(path, res)
    },
    isUpload(req) {
      if (!req.url.startsWith(`${REST_BASE}/`)) return false
      const found = matcher.find(req.method, pathOf(req.url.slice(REST_BASE.length)))
      return found !== undefined && takesFile(found.operation.route.entry)
    },
  }

  function refuse(path: string, res: Parameters<RequestHandler>[1]): void {
    const methods = matcher.methodsAt(path)
    if (methods.length === 0) {
      answerError(res, fail('NOT_FOUND', { message: 'There is no such operation.' }))
      return
    }
    const get = methods.includes('GET') ? matcher.find('GET', path) : undefined
    const allowed = get !== undefined && hasHead(get.operation.route) ? ['HEAD', ...methods] : methods
    res.setHeader('Allow', allowed.join(', '))
    answerError(
      res,
      fail('METHOD_NOT_SUPPORTED', { message: `What is here is called with ${methods.join(', ')}.` }),
    )
  }
}

/** A stream has no head of its own: it is known only once it is open. */
function hasHead({ entry }: RestRoute): boolean {
  return entry.kind === 'query'
}

function pathOf(url: string): string {
  const at = url.indexOf('?')
  return at === -1 ? url : url.slice(0, at)
}
