import { type AnyTRPCRouter, getTRPCErrorShape } from '@trpc/server'
import type { Request, RequestHandler, Response } from 'express'
import type { CallContext } from '../../../contract/call-context.ts'
import { fail } from '../../../contract/errors.ts'
import type { EventStream } from '../../../contract/event-stream.ts'
import { openStream } from '../../../contract/invoke.ts'
import { toTrpcError } from '../../../contract/pipeline/normalise-error.ts'
import { httpCallContext } from '../../http/http-call-context.ts'
import { handle } from '../../http/request.ts'
import { pump } from '../../http/sse/pump.ts'
import { createSseConnection, type SseConnection } from '../../http/sse/sse-connection.ts'
import { createStreamClock } from '../../http/sse/stream-clock.ts'
import type { SurfaceOptions } from '../../http/surface-options.ts'
import { isBatch, pathsOf } from '../check-call.ts'
import { connected, RETURN, serializedError, TRPC_PROTOCOL } from './sse-frames.ts'
import { subscriptionInput } from './subscription-input.ts'

/** Whether a request calls one subscription; in a batch there is none. */
export function isSubscription(router: AnyTRPCRouter, req: Request): boolean {
  if (isBatch(req)) return false
  const [path = ''] = pathsOf(req)
  const procedures: Record<string, { _def: { type: string } }> = router._def.procedures
  return Object.hasOwn(procedures, path) && procedures[path]?._def.type === 'subscription'
}

/**
 * Subscriptions as server-sent events in tRPC's protocol, straight onto Node's response. tRPC's adapter carries every
 * event of every subscriber through generators, web streams and a serialiser of its own
 * ([why not](docs/adr/0014-live-events.md)). A refused stream has the status of its refusal and says why as its only
 * event.
 */
export function answerSubscription(options: SurfaceOptions): RequestHandler {
  const clock = createStreamClock()
  return handle(async (req, res) => {
    const connection = createSseConnection(res, {
      clock,
      maxAgeMs: options.streamMaxAgeMs,
      protocol: TRPC_PROTOCOL,
    })
    const call = readCall(options, req, res)
    try {
      const events = await openCalled(options, call, connection)
      if (!connection.closed.aborted) connection.open(200, connected(events.position))
      await pump(events, connection, RETURN)
    } catch (thrown) {
      if (connection.closed.aborted) return connection.end()
      const shape = errorShape(options.router, call, thrown)
      if (!res.headersSent) connection.open(shape.data.httpStatus)
      connection.end(serializedError(shape))
    }
  })
}

/** One subscription as it was asked for; what is wrong with it is told when it is opened. */
interface SubscriptionRequest {
  readonly path: string
  readonly method: string
  readonly input: () => unknown
  readonly context: () => CallContext
}

function readCall(options: SurfaceOptions, req: Request, res: Response): SubscriptionRequest {
  const [path = ''] = pathsOf(req)
  let context: CallContext | undefined
  return {
    path,
    method: req.method,
    input: () => subscriptionInput(req),
    context: () => (context ??= httpCallContext(options, req, res, false)),
  }
}

async function openCalled(
  { router }: SurfaceOptions,
  call: SubscriptionRequest,
  connection: SseConnection,
): Promise<EventStream> {
  if (call.method !== 'GET') throw fail('METHOD_NOT_SUPPORTED', { message: 'Call it with GET.' })
  return openStream({
    router,
    path: call.path,
    input: call.input(),
    context: call.context(),
    signal: connection.closed,
  })
}

function errorShape(router: AnyTRPCRouter, call: SubscriptionRequest, thrown: unknown) {
  const error = toTrpcError(thrown)
  const { path } = call
  const config = router._def._config
  return getTRPCErrorShape({ config, error, type: 'subscription', path, input: undefined, ctx: undefined })
}
