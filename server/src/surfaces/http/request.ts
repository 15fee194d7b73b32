import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { clientVersionIn, contractVersion, versionNotice } from '../../contract/client-version.ts'
import {
  currentContext,
  parseTraceparent,
  type RequestContext,
  runInContext,
  traceIdFrom,
} from '../../platform/request-context.ts'
import { addressReader } from './client-address.ts'
import { beforeHead } from './express-messages.ts'
import { surfaceOf } from './surface-of.ts'

/**
 * Opens the request context and makes `X-Request-Id` and `Server-Timing` part of every answer, whoever writes it.
 * Outermost after CORS.
 */
export function openRequest(showRoundTrips: boolean): RequestHandler {
  const addressOf = addressReader()
  return (req, res, next) => {
    const remoteParent = parseTraceparent(req.get('traceparent'))
    const context: RequestContext = {
      traceId: traceIdFrom(remoteParent, req.get('x-request-id')),
      remoteParent,
      surface: surfaceOf(req),
      ip: addressOf(req),
      userAgent: req.get('user-agent')?.slice(0, 300),
      contract: clientVersionIn(req.get('x-plinth-contract')),
      roundTrips: 0,
    }
    stampOnHead(res, context, showRoundTrips)
    tellVersion(res, context)
    runInContext(context, next)
  }
}

/** The context that {@link openRequest} opened. */
export function requireContext(): RequestContext {
  const context = currentContext()
  if (context === undefined) throw new Error('openRequest() must come first')
  return context
}

/** Tells a client of another version than is served in full. */
function tellVersion(res: Response, { contract }: RequestContext): void {
  const notice = versionNotice(contract)
  if (notice === undefined) return
  res.setHeader('X-Plinth-Outdated', notice)
  res.setHeader('X-Plinth-Contract', contractVersion)
}

function stampOnHead(res: Response, context: RequestContext, showRoundTrips: boolean): void {
  const started = performance.now()
  // The first moment at which the duration is known.
  beforeHead(res, () => {
    res.setHeader('X-Request-Id', context.traceId)
    const total = (performance.now() - started).toFixed(2)
    // How often the database was asked can tell which of two paths a call took, for example whether an account exists.
    const database = showRoundTrips ? `, db;desc="${context.roundTrips} round trips"` : ''
    res.setHeader('Server-Timing', `total;dur=${total}${database}`)
  })
}

/** Express handlers that may reject. */
export function handle(work: (req: Request, res: Response) => Promise<void>): RequestHandler {
  return (req: Request, res: Response, next: NextFunction) => {
    work(req, res).catch(next)
  }
}
