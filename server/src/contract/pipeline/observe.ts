import type { LogFields } from '../../platform/logger.ts'
import { counter, durations, type Span, withSpan } from '../../platform/telemetry/index.ts'
import type { CallContext } from '../call-context.ts'
import { type AppError, errorCodes } from '../errors.ts'
import { normaliseError, toTrpcError } from './normalise-error.ts'

interface Observed {
  readonly context: CallContext
  readonly path: string
  readonly type: string
  /** As it came. */
  readonly input: () => Promise<unknown>
}

/** Either a tRPC middleware result or something close enough to tell success from failure. */
interface Outcome {
  readonly ok: boolean
  readonly error?: Error
}

const callDuration = durations({
  name: 'rpc.server.call.duration',
  description: 'Time a procedure call took; a subscription until it was open',
})
const shed = counter({
  name: 'plinth.calls.shed',
  description: 'Calls refused because the server or a part it needs was overloaded or away',
  unit: '{call}',
})
let running = 0

/** How many calls this process is working on. */
export function runningCalls(): number {
  return running
}

/**
 * The outermost step: times the call, writes its one log line, measures it, gives it a span, and makes every failure an
 * error of the catalogue. Expected refusals are logged below error level; only what is our fault is an error.
 */
export function observe<T extends Outcome>(call: Observed, work: () => Promise<T>): Promise<T> {
  return withSpan(call.path, { kind: 'server', attributes: identity(call) }, async (span) => {
    const started = performance.now()
    const ended = (error?: AppError): number => {
      const ms = performance.now() - started
      measure(call, span, error, ms)
      return Math.round(ms * 100) / 100
    }
    running += 1
    try {
      const outcome = await work()
      // tRPC hands errors of inner steps back as values.
      if (!outcome.ok) throw outcome.error
      const durationMs = ended()
      call.context.runtime.logger.info('call', { ...(await line(call)), code: 'OK', durationMs })
      return outcome
    } catch (thrown) {
      // With the input, so that issues can show what was sent.
      const error = normaliseError(thrown, await call.input().catch(() => undefined))
      throw refused(call, error, { ...(await line(call)), durationMs: ended(error) })
    } finally {
      running -= 1
    }
  })
}

function measure(call: Observed, span: Span, error: AppError | undefined, ms: number): void {
  const code = error?.code ?? 'OK'
  const { request } = call.context
  callDuration.record(ms / 1_000, { 'rpc.method': call.path, 'rpc.response.status_code': code })
  if (code === 'SERVICE_UNAVAILABLE')
    shed.add(1, { 'rpc.method': call.path, reason: error?.reason ?? 'none' })
  span.set({
    'rpc.response.status_code': code,
    'user.id': request.actor,
    'plinth.round_trips': request.roundTrips,
  })
  if (error === undefined) return
  if (errorCodes[error.code].status >= 500) span.failed(error.code)
  else span.refused(error.reason ?? error.code)
}

function refused(call: Observed, error: AppError, line: LogFields): Error {
  const fields = { ...line, code: error.code, reason: error.reason }
  const { logger } = call.context.runtime
  if (error.code === 'INTERNAL_SERVER_ERROR') logger.error('call failed', { ...fields, error: error.cause })
  else if (error.code === 'SERVICE_UNAVAILABLE') logger.warn('call failed', { ...fields, error: error.cause })
  else logger.info('call', fields)
  if (error.retryAfterMs !== undefined) {
    call.context.headers.set('Retry-After', String(Math.ceil(error.retryAfterMs / 1_000)))
  }
  return toTrpcError(error)
}

function identity({ context, path, type }: Observed) {
  return {
    'rpc.system.name': 'trpc',
    'rpc.method': path,
    'plinth.procedure.kind': type,
    'plinth.surface': context.request.surface,
  }
}

/** Who did what to what, from where (OWASP ASVS 16.2.1). */
async function line(call: Observed): Promise<LogFields> {
  const { request } = call.context
  return {
    procedure: call.path,
    type: call.type,
    actor: request.actor,
    via: request.via,
    target: await call.input().then(targetOf, () => undefined),
    surface: request.surface,
    ip: request.ip,
    roundTrips: request.roundTrips,
  }
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

/** The ids that an input names. Nothing else of it reaches the log. */
function targetOf(input: unknown): Record<string, string> | undefined {
  if (typeof input !== 'object' || input === null) return undefined
  const ids = Object.entries(input).filter(
    (entry): entry is [string, string] =>
      /^(?:id|\w{1,30}Id)$/.test(entry[0]) && typeof entry[1] === 'string' && UUID.test(entry[1]),
  )
  return ids.length === 0 ? undefined : Object.fromEntries(ids.slice(0, 5))
}
