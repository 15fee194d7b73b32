import type { Actor } from '../actor.ts'
import type { CallContext } from '../call-context.ts'
import { type AppError, fail } from '../errors.ts'
import { normaliseError } from './normalise-error.ts'

/** One event of a stream; `id` is what a client resumes after. */
export interface StreamEvent<T> {
  readonly id: string
  readonly data: T
}

/** A stream whose place is found. */
export interface OpenedStream<T> {
  /** What to resume after while no event was seen. */
  readonly position: string
  readonly events: AsyncIterable<StreamEvent<T>>
}

/** A subscription on its way through the pipeline. */
export interface SubscriptionCall {
  readonly path: string
  readonly actor: Actor | null
  readonly context: CallContext
  readonly signal: AbortSignal | undefined
}

/** A revoked session loses its streams within this time and the time of one check. */
const RECHECK_MS = 1_000

/**
 * Opens a stream for `actor`: takes a slot, and ends with UNAUTHORIZED soon after the credential stops being valid.
 * Resolves when the stream is open. The slot is given back when it ends, however it ends.
 */
export async function runSubscription<T>(
  call: SubscriptionCall,
  open: (ended: AbortSignal) => Promise<OpenedStream<T>>,
): Promise<AsyncIterable<StreamEvent<T>>> {
  const { actor, context, signal } = call
  const release = context.runtime.streamSlots.take({ userId: actor?.userId, ip: context.request.ip })
  const watch = watchCredential(call, release)
  // A client can be gone before the first event is asked for; the generator below would then never run.
  signal?.addEventListener('abort', watch.stop, { once: true })
  try {
    const { position, events } = await open(
      signal === undefined ? watch.revoked : AbortSignal.any([signal, watch.revoked]),
    )
    if (signal?.aborted === true) watch.stop()
    context.headers.set('X-Stream-Position', position)
    return stream(call, events, watch)
  } catch (error) {
    watch.stop()
    throw error
  }
}

interface CredentialWatch {
  /** Aborts when the credential is no longer valid. */
  readonly revoked: AbortSignal
  check(): Promise<void>
  /** Ends the watch and gives the slot back. */
  readonly stop: () => void
}

function watchCredential({ actor, context }: SubscriptionCall, release: () => void): CredentialWatch {
  const revoked = new AbortController()
  let running: Promise<void> | undefined
  const ask = async (): Promise<void> => {
    if (actor === null) return
    // A check that cannot be made (database away) leaves the stream open only until the next one that can.
    const valid = await context.runtime.authenticator.stillValid(actor).catch(() => true)
    if (!valid) revoked.abort(fail('UNAUTHORIZED'))
  }
  // One at a time: while the database is slow, a thousand streams must not pile up questions. An answer asked for
  // before the event happened says nothing about it, so an event waits for that and asks again.
  const check = async (): Promise<void> => {
    await running
    running = ask().finally(() => {
      running = undefined
    })
    await running
  }
  const timer = setInterval(() => {
    if (running === undefined) void check()
  }, RECHECK_MS)
  timer.unref()
  const stop = (): void => {
    clearInterval(timer)
    release()
  }
  return { revoked: revoked.signal, check, stop }
}

async function* stream<T>(
  call: SubscriptionCall,
  source: AsyncIterable<StreamEvent<T>>,
  watch: CredentialWatch,
): AsyncGenerator<StreamEvent<T>> {
  const started = performance.now()
  let events = 0
  let failure: AppError | undefined
  try {
    for await (const event of source) {
      await watch.check()
      if (watch.revoked.aborted) break
      events += 1
      yield event
    }
    if (watch.revoked.aborted) throw fail('UNAUTHORIZED')
  } catch (error) {
    failure = normaliseError(error)
    throw failure
  } finally {
    watch.stop()
    const durationMs = Math.round(performance.now() - started)
    const { logger } = call.context.runtime
    const line = {
      procedure: call.path,
      events,
      durationMs,
      actor: call.actor?.userId,
      code: failure?.code ?? 'OK',
    }
    if (failure?.code === 'INTERNAL_SERVER_ERROR')
      logger.error('stream failed', { ...line, error: failure.cause })
    else logger.info('stream ended', line)
  }
}
