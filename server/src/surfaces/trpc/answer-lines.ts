import { createExpressMiddleware } from '@trpc/server/adapters/express'
import type { Request, RequestHandler } from 'express'
import { toTrpcError } from '../../contract/pipeline/normalise-error.ts'
import { httpCallContext } from '../http/http-call-context.ts'
import type { SurfaceOptions } from '../http/surface-options.ts'
import { isBatch, MAX_BATCH_SIZE } from './check-call.ts'

/** Whether the client wants a batch as a stream of lines, each as soon as its call is done. */
export function wantsLines(req: Request): boolean {
  return req.get('trpc-accept') === 'application/jsonl'
}

/** Batches as lines of JSON (`httpBatchStreamLink`), by tRPC's own adapter with our context. */
export function answerLines(options: SurfaceOptions): RequestHandler {
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
    responseMeta({ eagerGeneration }) {
      // A request that is refused as a whole is answered without a type of its own.
      return eagerGeneration === true ? {} : { headers: { 'content-type': 'application/json' } }
    },
  })
}
