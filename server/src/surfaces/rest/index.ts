import type { Request, RequestHandler } from 'express'
import { fail } from '../../contract/errors.ts'
import { once } from '../../contract/once.ts'
import { takesFile } from '../../contract/registry.ts'
import { answerError } from '../http/answer-error.ts'
import { createStreamClock } from '../http/sse/stream-clock.ts'
import type { SurfaceOptions } from '../http/surface-options.ts'
import { type AnswerOperation, answerCall } from './answer/answer-call.ts'
import { answerStream } from './answer/answer-stream.ts'
import { deprecation } from './answer/deprecation.ts'
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
  const clock = createStreamClock()
  const answerOf = (route: RestRoute): AnswerOperation => {
    const answer =
      route.entry.kind === 'subscription'
        ? answerStream(options, route, clock)
        : answerCall(options, route, routes)
    const headersOf = deprecation(route, routes)
    if (headersOf === undefined) return answer
    return (req, res, fields) => {
      for (const [name, value] of Object.entries(headersOf(fields))) res.setHeader(name, value)
      return answer(req, res, fields)
    }
  }
  const matcher = operationMatcher<Operation>(
    routes.map((route) => {
      // Made out of its schemas by its first call: to print those of all would hold up every start.
      const made = once(() => answerOf(route))
      return { route, operation: { route, answer: (req, res, fields) => made()(req, res, fields) } }
    }),
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
    const isRead = get !== undefined && hasHead(get.operation.route)
    res.setHeader('Allow', methods.join(', ').replace('GET', isRead ? 'GET, HEAD' : 'GET'))
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
