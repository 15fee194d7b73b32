import { startDeadline } from './deadline.ts'
import { endsSession } from './ends-session.ts'
import type { EventReader } from './event-reader.ts'
import type { CallOptions, UploadOptions } from './options.ts'
import { PlinthError } from './plinth-error.ts'
import type { ProcedureFacts } from './procedures.ts'
import { randomKey } from './random-key.ts'
import { delayBefore, limitWaitOf, mayPass, type RetryPlan, retryPlan, sleep } from './retry.ts'
import type { Session } from './session.ts'
import { toPlinthError } from './to-plinth-error.ts'
import { type CallContext, isShort, type Transport } from './transport.ts'
import type { Uploader } from './upload.ts'

/** What all calls of a client share. */
export interface Runtime {
  readonly transport: Transport
  readonly upload: Uploader
  readonly events: EventReader
  readonly session: Session
  readonly retry: RetryPlan
  readonly timeoutMs: number
  readonly batch: boolean
}

/** A procedure to call. */
export interface Target extends ProcedureFacts {
  readonly path: string
}

/** These start a session: what is left of an old one must not get in their way. */
const WITHOUT_TOKEN = new Set(['auth.login', 'auth.register', 'auth.refresh'])
const UPLOAD_TIMEOUT_MS = 600_000
/** Doing these twice only makes another session; a key would have the server keep their tokens. */
const WITHOUT_KEY = new Set(['auth.login', 'auth.refresh'])

/**
 * Calls a query or mutation: with a fresh token, once more after a refresh when the server refuses it, and again with
 * backoff while the failure may pass and the time is not up.
 * @throws PlinthError
 */
export async function callProcedure(
  runtime: Runtime,
  target: Target,
  input: unknown,
  options: UploadOptions = {},
): Promise<unknown> {
  const { path, kind } = target
  const { session } = runtime
  const timeoutMs =
    target.upload === true ? Math.max(UPLOAD_TIMEOUT_MS, runtime.timeoutMs) : runtime.timeoutMs
  const deadline = startDeadline(path, options.timeoutMs ?? timeoutMs, options.signal)
  const idempotencyKey = kind === 'mutation' ? (options.idempotencyKey ?? ownKey(path)) : undefined
  let used: string | undefined
  const ends = (): boolean => endsSession(path, input, used)
  try {
    const batch = runtime.batch && target.batch === true && isShort(input)
    const send = (token: string | undefined): Promise<unknown> => {
      used = token
      const context = { token, idempotencyKey, batch }
      if (target.upload !== true) return request(runtime.transport, target, input, deadline.signal, context)
      const { onUploadProgress: onProgress } = options
      return runtime.upload({ path, input, context, signal: deadline.signal, onProgress })
    }
    const attempt = (isLost: boolean): Promise<unknown> =>
      isLost && ends() ? sendAgain(path, () => send(used)) : withSession(session, path, send)
    const answer = await deadline.race(withRetries(runtime, options, deadline.signal, path, attempt))
    if (ends()) await session.forget()
    else if (path.startsWith('auth.')) await session.remember(answer)
    return answer
  } catch (thrown) {
    const error = ofCall(toPlinthError(thrown, path), path, idempotencyKey)
    if (ends() && error.code === 'UNAUTHORIZED') await session.forget()
    throw error
  } finally {
    deadline.dispose()
  }
}

function ownKey(path: string): string | undefined {
  return WITHOUT_KEY.has(path) ? undefined : randomKey()
}

/** A refresh that failed on the way is a failure of the call that needed it. */
function ofCall(error: PlinthError, path: string, idempotencyKey: string | undefined): PlinthError {
  if (error.path !== path)
    return new PlinthError(error.message, { ...error, path, idempotencyKey, cause: error })
  if (idempotencyKey === undefined) return error
  return new PlinthError(error.message, { ...error, idempotencyKey, cause: error.cause })
}

function request(
  transport: Transport,
  { path, kind }: Target,
  input: unknown,
  signal: AbortSignal,
  context: CallContext,
): Promise<unknown> {
  const options = { signal, context }
  return kind === 'query' ? transport.query(path, input, options) : transport.mutation(path, input, options)
}

/** @param work is told whether an earlier try may have happened, its answer lost */
async function withRetries<T>(
  runtime: Runtime,
  options: CallOptions,
  signal: AbortSignal,
  path: string,
  work: (isLost: boolean) => Promise<T>,
): Promise<T> {
  const plan = retryPlan(options.retry, runtime.retry)
  let isLost = false
  for (let attempt = 1; ; ) {
    try {
      return await work(isLost)
    } catch (thrown) {
      if (signal.aborted) throw signal.reason
      const error = toPlinthError(thrown, path)
      const limitWait = limitWaitOf(plan, error)
      if (limitWait !== undefined) {
        await sleep(limitWait, signal)
        continue
      }
      const asked = error.retryAfterMs ?? 0
      if (attempt >= plan.attempts || !mayPass(error) || asked > plan.maxDelayMs) throw error
      if (error.path === path && error.code !== 'TOO_MANY_REQUESTS') isLost = true
      await sleep(delayBefore(attempt, plan, error), signal)
      attempt += 1
    }
  }
}

/** An earlier try may have ended the session, so that the server does not know the token any more: it is done. */
async function sendAgain(path: string, send: () => Promise<unknown>): Promise<unknown> {
  try {
    return await send()
  } catch (thrown) {
    if (isStaleToken(toPlinthError(thrown, path))) return { ok: true }
    throw thrown
  }
}

async function withSession<T>(
  session: Session,
  path: string,
  send: (token: string | undefined) => Promise<T>,
): Promise<T> {
  if (WITHOUT_TOKEN.has(path)) return await send(undefined)
  const token = await session.accessToken()
  try {
    return await send(token)
  } catch (thrown) {
    const error = toPlinthError(thrown, path)
    if (!isStaleToken(error)) throw error
    const fresh = await session.renew(token)
    if (fresh === undefined || fresh === token) throw error
    return await send(fresh)
  }
}

/** A refused token has no reason; a wrong password has one, and no new token would help. */
export function isStaleToken(error: PlinthError): boolean {
  return error.code === 'UNAUTHORIZED' && error.reason === undefined
}
