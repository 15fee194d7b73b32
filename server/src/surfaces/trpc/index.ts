import type { RequestHandler } from 'express'
import { answerError } from '../http/answer-error.ts'
import type { SurfaceOptions } from '../http/surface-options.ts'
import { answerCalls } from './answer-calls.ts'
import { answerLines, wantsLines } from './answer-lines.ts'
import { pathsOf, refusalOf } from './check-call.ts'
import { answerSubscription, isSubscription } from './subscriptions/answer-subscription.ts'
import { takesFile } from './upload-request.ts'

/** tRPC's protocol over HTTP under `/trpc`, with the doors closed that its own adapter leaves open. */
export function trpcSurface(options: SurfaceOptions): RequestHandler {
  const calls = answerCalls(options)
  const lines = answerLines(options)
  const subscriptions = answerSubscription(options)
  return function trpcCalls(req, res, next) {
    const refusal = refusalOf(options.router, req)
    if (refusal !== undefined) {
      if (refusal.code === 'METHOD_NOT_SUPPORTED') res.setHeader('Allow', 'GET, POST')
      answerError(res, refusal)
      return
    }
    const [path = ''] = pathsOf(req)
    if (takesFile(options.router, path)) calls(req, res, next)
    else if (wantsLines(req)) lines(req, res, next)
    else if (isSubscription(options.router, req)) subscriptions(req, res, next)
    else calls(req, res, next)
  }
}
