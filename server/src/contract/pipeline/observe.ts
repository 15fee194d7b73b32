import type { CallContext } from '../call-context.ts'
import type { AppError } from '../errors.ts'
import { normaliseError, toTrpcError } from './normalise-error.ts'

interface Observed {
  readonly context: CallContext
  readonly path: string
  readonly type: string
}

/** Either a tRPC middleware result or something close enough to tell success from failure. */
interface Outcome {
  readonly ok: boolean
  readonly error?: Error
}

/**
 * The outermost step: times the call, writes its one log line and makes every failure an error of the catalogue.
 * Expected refusals are logged below error level; only what is our fault is an error.
 */
export async function observe<T extends Outcome>(call: Observed, work: () => Promise<T>): Promise<T> {
  const started = performance.now()
  const elapsed = () => Math.round((performance.now() - started) * 100) / 100
  let outcome: T
  try {
    outcome = await work()
  } catch (error) {
    throw refused(call, normaliseError(error), elapsed())
  }
  // tRPC hands errors of inner steps back as values.
  if (!outcome.ok) throw refused(call, normaliseError(outcome.error), elapsed())
  call.context.runtime.logger.info('call', { ...line(call), code: 'OK', durationMs: elapsed() })
  return outcome
}

function refused(call: Observed, error: AppError, durationMs: number): Error {
  const fields = { ...line(call), code: error.code, reason: error.reason, durationMs }
  const { logger } = call.context.runtime
  if (error.code === 'INTERNAL_SERVER_ERROR') logger.error('call failed', { ...fields, error: error.cause })
  else if (error.code === 'SERVICE_UNAVAILABLE') logger.warn('call failed', { ...fields, error: error.cause })
  else logger.info('call', fields)
  if (error.retryAfterMs !== undefined) {
    call.context.headers.set('Retry-After', String(Math.ceil(error.retryAfterMs / 1_000)))
  }
  call.context.headers.failed(error)
  return toTrpcError(error)
}

function line(call: Observed) {
  const { request } = call.context
  return {
    procedure: call.path,
    type: call.type,
    actor: request.actor,
    surface: request.surface,
    ip: request.ip,
    roundTrips: request.roundTrips,
  }
}
