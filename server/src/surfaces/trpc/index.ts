import { Router } from 'express'
import type { SurfaceOptions } from '../http/surface-options.ts'
import { answerCalls } from './answer-calls.ts'
import { answerLines, wantsLines } from './answer-lines.ts'
import { checkCall, pathsOf } from './check-call.ts'
import { answerSubscription, isSubscription } from './subscriptions/answer-subscription.ts'
import { takesFile } from './upload-request.ts'

/** tRPC's protocol over HTTP under `/trpc`, with the doors closed that its own adapter leaves open. */
export function trpcSurface(options: SurfaceOptions): Router {
  const routes = Router({ caseSensitive: true, strict: true })
  const calls = answerCalls(options)
  const lines = answerLines(options)
  const subscriptions = answerSubscription(options)
  routes.use(checkCall(options.router))
  routes.use((req, res, next) => {
    const [path = ''] = pathsOf(req)
    if (takesFile(options.router, path)) calls(req, res, next)
    else if (wantsLines(req)) lines(req, res, next)
    else if (isSubscription(options.router, req)) subscriptions(req, res, next)
    else calls(req, res, next)
  })
  return routes
}
