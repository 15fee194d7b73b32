import type { Actor } from '../actor.ts'
import type { CallContext } from '../call-context.ts'
import { fail } from '../errors.ts'

/** One event of a stream; `id` is what a client resumes after. */
export interface StreamEvent<T> {
  readonly id: string
  readonly data: T
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
 * The slot is given back when the stream ends, however it ends.
 */
export function runSubscription<T>(
  call: SubscriptionCall,
  open: (ended: AbortSignal) => AsyncIterable<StreamEvent<T>>,
): AsyncIterable<StreamEvent<T>> {
  const { actor, context } = call
  const release = context.runtime.streamSlots.take({ userId: actor?.userId, ip: context.request.ip })
  // A client can be gone before the first event is asked for; the generator below would then never run.
  call.signal?.addEventListener('abort', release, { once: true })
  if (call.signal?.aborted) release()
  return stream(call, open, release)
}

async function* stream<T>(
  call: SubscriptionCall,
  open: (ended: AbortSignal) => AsyncIterable<StreamEvent<T>>,
  release: () => void,
): AsyncGenerator<StreamEvent<T>> {
  const started = performance.now()
  const { authenticator, logger } = call.context.runtime
  const revoked = new AbortController()
  const ended = call.signal === undefined ? revoked.signal : AbortSignal.any([call.signal, revoked.signal])
  const watch = setInterval(() => void check(), RECHECK_MS)
  watch.unref()
  let events = 0

  async function check(): Promise<void> {
    // A check that cannot be made (database away) leaves the stream open only until the next one that can.
    if (call.actor === null) return
    const valid = await authenticator.stillValid(call.actor).catch(() => true)
    if (!valid) revoked.abort(fail('UNAUTHORIZED'))
  }

  try {
    for await (const event of open(ended)) {
      await check()
      if (revoked.signal.aborted) break
      events += 1
      yield event
    }
    if (revoked.signal.aborted) throw fail('UNAUTHORIZED')
  } finally {
    clearInterval(watch)
    release()
    const durationMs = Math.round(performance.now() - started)
    logger.info('stream ended', { procedure: call.path, events, durationMs, actor: call.actor?.userId })
  }
}
