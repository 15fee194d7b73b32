import { isStaleToken, type Runtime } from './call.ts'
import { callHandler } from './call-handler.ts'
import { sleepUntilOnline } from './network-events.ts'
import type { SubscribeOptions } from './options.ts'
import type { PlinthError } from './plinth-error.ts'
import type { StreamedEvent } from './procedures.ts'
import { delayBefore, mayPass } from './retry.ts'
import { connect, type Ending } from './stream-connection.ts'
import { toPlinthError } from './to-plinth-error.ts'

/** A stream that was open this long works: its next failure is the first of a new row. */
const STEADY_MS = 10_000

/** Who a stream tells. What it throws is not the stream's: it goes on. */
export interface StreamSink {
  onStarted(): void
  onEvent(event: StreamedEvent<unknown>): void
  /** A connection is over and another will be opened. */
  onReconnecting?(error: PlinthError | undefined): void
  onError(error: PlinthError): void
  onComplete(): void
  /** Resolves when more events are wanted after {@link OpenStream.pause}. */
  ready(): Promise<void>
}

/** A stream that keeps itself open. */
export interface OpenStream {
  close(): void
  /** Disconnects until the sink is ready, then goes on after the last event. */
  pause(): void
}

/**
 * Opens a stream and keeps it open: after a lost connection, a restart of the server or an expired token it connects
 * again and goes on after the last event seen, with growing, jittered waits.
 */
export function openStream(
  runtime: Runtime,
  path: string,
  input: unknown,
  sink: StreamSink,
  options: SubscribeOptions,
): OpenStream {
  const closed = new AbortController()
  const close = (): void => {
    options.signal?.removeEventListener('abort', close)
    closed.abort()
  }
  if (options.signal?.aborted === true) closed.abort()
  else options.signal?.addEventListener('abort', close, { once: true })
  let pause = new AbortController()
  let last = options.lastEventId
  let failures = 0
  let renewed = false

  const works = (): void => {
    failures = 0
    renewed = false
  }

  async function once(): Promise<Ending> {
    let openedAt = Number.POSITIVE_INFINITY
    const token = await runtime.session.accessToken()
    const ending = await connect(runtime.events, {
      path,
      input: last === undefined ? input : { ...asObject(input), lastEventId: last },
      token,
      timeoutMs: options.timeoutMs ?? runtime.timeoutMs,
      signal: AbortSignal.any([closed.signal, pause.signal]),
      onOpened(position) {
        last ??= position
      },
      onStarted() {
        openedAt = Date.now()
        callHandler(() => sink.onStarted())
      },
      onEvent(event) {
        works()
        callHandler(() => sink.onEvent(event))
        last = event.id
      },
    })
    if (Date.now() - openedAt >= STEADY_MS) works()
    if (ending.kind !== 'failed' || !isStaleToken(ending.error) || renewed) return ending
    const fresh = await runtime.session.renew(token)
    renewed = true
    return fresh === undefined || fresh === token ? ending : { kind: 'reconnect' }
  }

  async function run(): Promise<void> {
    while (!closed.signal.aborted) {
      const ending = await once().catch(
        (thrown): Ending => ({ kind: 'failed', error: toPlinthError(thrown, path) }),
      )
      if (closed.signal.aborted) return
      if (pause.signal.aborted) {
        await sink.ready()
        pause = new AbortController()
      } else if (ending.kind === 'completed') return callHandler(() => sink.onComplete())
      else if (ending.kind === 'failed') {
        const { error } = ending
        if (!mayPass(error)) return callHandler(() => sink.onError(error))
        callHandler(() => sink.onReconnecting?.(error))
        failures += 1
        await sleepUntilOnline(delayBefore(failures, runtime.retry, error), closed.signal)
      } else callHandler(() => sink.onReconnecting?.(undefined))
    }
  }

  void run().finally(close)
  return { close, pause: () => pause.abort() }
}

function asObject(input: unknown): object {
  return typeof input === 'object' && input !== null ? input : {}
}
