import type { LogFields } from '../../platform/logger.ts'
import { counter, durations, type Span, withSpan } from '../../platform/telemetry/index.ts'
import type { CallContext } from '../call-context.ts'
import { type AppError, errorCodes } from '../errors.ts'
import { normaliseError } from './normalise-error.ts'

interface Observed {
  readonly context: CallContext
  readonly path: string
  readonly type: string
  /** As it came, or a promise of it. */
  readonly input: () => unknown
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
 * @throws AppError, and nothing else
 */
export function observe<T>(call: Observed, work: () => Promise<T>): Promise<T> {
  return withSpan(call.path, { kind: 'server', attributes: identity(call) }, async (span) => {
    const started = performance.now()
    running += 1
    try {
      const answer = await work()
      const durationMs = ended(call, span, started)
      call.context.runtime.logger.info('call', line(call, await sentTo(call), 'OK', durationMs))
      return answer
    } catch (thrown) {
      const error = normaliseError(thrown)
      const durationMs = ended(call, span, started, error)
      refused(call, error, line(call, await sentTo(call), error.code, durationMs))
      throw error
    } finally {
      running -= 1
    }
  })
}

/** Measures a call, and gives its milliseconds as the log has them. */
function ended(call: Observed, span: Span, started: number, error?: AppError): number {
  const ms = performance.now() - started
  measure(call, span, error, ms)
  return Math.round(ms * 100) / 100
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

function refused({ context }: Observed, error: AppError, line: LogFields): void {
  const { logger } = context.runtime
  const fields = { ...line, reason: error.reason }
  if (error.code === 'INTERNAL_SERVER_ERROR') logger.error('call failed', { ...fields, error: error.cause })
  else if (error.code === 'SERVICE_UNAVAILABLE') logger.warn('call failed', { ...fields, error: error.cause })
  else logger.info('call', fields)
  if (error.retryAfterMs !== undefined) {
    context.headers.set('Retry-After', String(Math.ceil(error.retryAfterMs / 1_000)))
  }
}

function identity({ context, path, type }: Observed) {
  return {
    'rpc.system.name': 'trpc',
    'rpc.method': path,
    'plinth.procedure.kind': type,
    'plinth.surface': context.request.surface,
  }
}

/** What was sent, as far as it can be read; a promise only where it is one. */
function sentTo(call: Observed): unknown {
  try {
    const sent = call.input()
    return sent instanceof Promise ? sent.catch(() => undefined) : sent
  } catch {
    return undefined
  }
}

/** Who did what to what, from where (OWASP ASVS 16.2.1). */
function line(call: Observed, sent: unknown, code: string, durationMs: number): LogFields {
  const { request } = call.context
  return {
    procedure: call.path,
    type: call.type,
    actor: request.actor,
    via: request.via,
    target: targetOf(sent),
    surface: request.surface,
    ip: request.ip,
    roundTrips: request.roundTrips,
    code,
    durationMs,
  }
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

const ID_FIELD = /^(?:id|\w{1,30}Id)$/
const MAX_TARGETS = 5

/** The ids that an input names. Nothing else of it reaches the log. */
function targetOf(input: unknown): Record<string, string> | undefined {
  if (typeof input !== 'object' || input === null) return undefined
  let ids: Record<string, string> | undefined
  let count = 0
  for (const [name, value] of Object.entries(input)) {
    if (typeof value !== 'string' || !ID_FIELD.test(name) || !UUID.test(value)) continue
    ids ??= {}
    ids[name] = value
    count += 1
    if (count === MAX_TARGETS) break
  }
  return ids
}
