import { Router } from 'express'
import { answerCalls } from './answer-calls.ts'
import { answerStream, isStream } from './answer-stream.ts'
import { checkCall } from './check-call.ts'
import type { TrpcSurfaceOptions } from './options.ts'

/** tRPC's protocol over HTTP under `/trpc`, with the doors closed that its own adapter leaves open. */
export function trpcSurface(options: TrpcSurfaceOptions): Router {
  const routes = Router({ caseSensitive: true, strict: true })
  const calls = answerCalls(options)
  const streams = answerStream(options)
  routes.use(checkCall())
  routes.use((req, res, next) => (isStream(options.router, req) ? streams : calls)(req, res, next))
  return routes
}
