import type { Actor } from '../actor.ts'
import type { CallContext, ContractRuntime } from '../call-context.ts'
import type { WatchedCredential } from '../credential-watch.ts'
import { AppError, fail } from '../errors.ts'
import { EventStream, type OpenedStream, StreamClosed, type StreamEvent } from '../event-stream.ts'
import { normaliseError } from './normalise-error.ts'

export type { OpenedStream, StreamEvent } from '../event-stream.ts'

/** A subscription on its way through the pipeline. */
export interface SubscriptionCall {
  readonly path: string
  readonly actor: Actor | null
  readonly context: Pick<CallContext, 'request' | 'headers'> & {
    readonly runtime: Pick<ContractRuntime, 'logger' | 'streamSlots' | 'credentialWatch'>
  }
  readonly signal: AbortSignal | undefined
}

/** Makes the event that leaves the server of the one a service gave; the same for the same. */
export type Shape<T> = (event: StreamEvent<T>) => StreamEvent<unknown>

/**
 * Opens a stream for `actor`: takes a slot, and ends with UNAUTHORIZED soon after the credential stops being valid.
 * Resolves when the stream is open. The slot is given back when it ends, however it ends.
 */
export async function runSubscription<T>(
  call: SubscriptionCall,
  shape: Shape<T>,
  open: (ended: AbortSignal) => Promise<OpenedStream<T>>,
): Promise<EventStream> {
  const life = beginLife(call)
  try {
    const { position, events } = await open(life.ended.signal)
    if (call.signal?.aborted === true) life.over()
    call.context.headers.set('X-Stream-Position', position)
    return new EventStream(position, stream(events, shape, life), life.ended.signal)
  } catch (error) {
    life.giveBack()
    throw error
  }
}

/** What lasts as long as the stream. */
interface Life {
  readonly credential: WatchedCredential | undefined
  /** Aborts when the caller goes away, or may not go on, and in any case at the end. */
  readonly ended: AbortController
  /** Counts an event that goes out. */
  count(): void
  /** Gives everything back and writes the stream's one log line; once. */
  over(failure?: AppError): void
  /** Gives everything back without a line: a refusal is logged with its call. */
  giveBack(): void
}

function beginLife({ path, actor, context, signal }: SubscriptionCall): Life {
  const { logger, streamSlots, credentialWatch } = context.runtime
  const release = streamSlots.take({ userId: actor?.userId, ip: context.request.ip })
  const started = performance.now()
  const ended = new AbortController()
  let events = 0
  let done = false

  const leave = (): void => {
    ended.abort(signal?.reason)
    over()
  }
  const lose = (): void => {
    const lost = fail('UNAUTHORIZED')
    ended.abort(lost)
    over(lost)
  }
  const credential = actor === null ? undefined : credentialWatch.watch(actor, lose)
  const giveBack = (): void => {
    done = true
    signal?.removeEventListener('abort', leave)
    credential?.stop()
    release()
    // What is followed and was not read from yet, because the first event was refused, is let go of by this alone.
    ended.abort()
  }
  const over = (failure?: AppError): void => {
    if (done) return
    const how = failure ? 'failed' : endOf(ended.signal)
    giveBack()
    const line = {
      // Streams are often ended by what looks after all of them, which was begun by another call.
      traceId: context.request.traceId,
      procedure: path,
      events,
      durationMs: Math.round(performance.now() - started),
      actor: actor?.userId,
      code: failure?.code ?? 'OK',
      ended: how,
    }
    if (failure?.code === 'INTERNAL_SERVER_ERROR')
      logger.error('stream failed', { ...line, error: failure.cause })
    else logger.info('stream ended', line)
  }
  // A client can be gone before the first event is asked for; the generator below would then never run.
  if (signal?.aborted === true) ended.abort(signal.reason)
  else signal?.addEventListener('abort', leave, { once: true })
  const count = (): void => {
    events += 1
  }
  return { credential, ended, count, over, giveBack }
}

function endOf({ aborted, reason }: AbortSignal): string {
  if (!aborted) return 'completed'
  return reason instanceof StreamClosed ? reason.because : 'client left'
}

async function* stream<T>(
  source: AsyncIterable<StreamEvent<T>>,
  shape: Shape<T>,
  life: Life,
): AsyncGenerator<StreamEvent<unknown>, void> {
  const { credential, ended } = life
  let failure: AppError | undefined
  try {
    for await (const event of source) {
      // What cannot be checked is not delivered: the client comes back and resumes.
      if (credential !== undefined && !(await credential.holds())) throw fail('UNAUTHORIZED')
      if (ended.signal.aborted) break
      life.count()
      yield shape(event)
    }
    if (ended.signal.reason instanceof AppError) throw ended.signal.reason
  } catch (error) {
    failure = normaliseError(error)
    throw failure
  } finally {
    life.over(failure)
  }
}
