import type { AnyTRPCRouter } from '@trpc/server'
import { createExpressMiddleware } from '@trpc/server/adapters/express'
import type { Request, RequestHandler } from 'express'
import { toTrpcError } from '../../contract/pipeline/normalise-error.ts'
import { isBatch, MAX_BATCH_SIZE, pathsOf } from './check-call.ts'
import { failedStatus, httpCallContext } from './http-call-context.ts'
import type { TrpcSurfaceOptions } from './options.ts'

/** Whether tRPC's own adapter should answer: subscriptions (SSE) and clients that want a batch as a stream of lines. */
export function isStream(router: AnyTRPCRouter, req: Request): boolean {
  if (req.get('trpc-accept') === 'application/jsonl') return true
  const [path = ''] = pathsOf(req)
  const procedures: Record<string, { _def: { type: string } }> = router._def.procedures
  return Object.hasOwn(procedures, path) && procedures[path]?._def.type === 'subscription'
}

/** tRPC's adapter, with our context. A refused stream has the status of its refusal and says why as its only event. */
export function answerStream(options: TrpcSurfaceOptions): RequestHandler {
  return createExpressMiddleware({
    router: options.router,
    maxBatchSize: MAX_BATCH_SIZE,
    createContext({ req, res }) {
      try {
        return httpCallContext(options, req, res, isBatch(req))
      } catch (error) {
        throw toTrpcError(error)
      }
    },
    responseMeta({ ctx, type, eagerGeneration }) {
      // A request that is refused as a whole is answered without a type of its own.
      if (eagerGeneration !== true) return { headers: { 'content-type': 'application/json' } }
      const status = type === 'subscription' ? failedStatus(ctx) : undefined
      return status === undefined ? {} : { status }
    },
  })
}
