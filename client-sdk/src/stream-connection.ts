import { onNetwork } from './network-events.ts'
import type { PlinthError } from './plinth-error.ts'
import type { StreamedEvent } from './procedures.ts'
import { startTimer } from './timer.ts'
import { clientError, connectionError, fromWire, isWireError, toPlinthError } from './to-plinth-error.ts'
import type { Transport } from './transport.ts'

/** How one connection of a stream ended. */
export type Ending =
  | { readonly kind: 'completed' }
  | { readonly kind: 'reconnect' }
  | { readonly kind: 'failed'; readonly error: PlinthError }

/** One connection of a stream. */
export interface Connection {
  readonly path: string
  readonly input: unknown
  readonly token: string | undefined
  /** How long it may take to open. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Told the id to resume after while there was no event. */
  readonly onOpened: (position: string) => void
  readonly onStarted: () => void
  readonly onEvent: (event: StreamedEvent<unknown>) => void
}

/**
 * Connects once. tRPC's link would reconnect by itself, with the token and the waits of its first attempt; here the
 * first lost connection ends it, and the caller decides.
 */
export function connect(transport: Transport, connection: Connection): Promise<Ending> {
  const { path, signal } = connection
  return new Promise((resolve) => {
    let refusal: unknown
    const refused = (error: unknown): void => {
      refusal = error
    }
    const done = new AbortController()
    const finish = (ending: Ending): void => {
      if (done.signal.aborted) return
      stopTimer()
      stopListening()
      signal.removeEventListener('abort', leave)
      done.abort()
      resolve(ending)
    }
    const leave = (): void => finish({ kind: 'reconnect' })
    const fail = (thrown: unknown): void =>
      finish({ kind: 'failed', error: streamError(refusal ?? thrown, path) })
    const stopTimer = startTimer(connection.timeoutMs, () =>
      fail(clientError('NETWORK_ERROR', `${path} did not open within ${connection.timeoutMs} ms.`, path)),
    )
    const stopListening = onNetwork('offline', () =>
      fail(clientError('NETWORK_ERROR', 'The browser is offline.', path)),
    )
    if (signal.aborted) return leave()
    signal.addEventListener('abort', leave, { once: true })
    transport.subscription(path, connection.input, {
      signal: done.signal,
      context: { token: connection.token, refused, opened: connection.onOpened },
      onStarted() {
        stopTimer()
        if (!done.signal.aborted) connection.onStarted()
      },
      onData(event) {
        if (!done.signal.aborted && isEvent(event)) connection.onEvent(event)
      },
      onConnectionStateChange(state) {
        if (state.state === 'connecting' && state.error)
          fail(isWireError(state.error.shape) ? state.error : connectionError(state.error, path))
      },
      onError: fail,
      onComplete: () => finish({ kind: 'completed' }),
    })
  })
}

function streamError(thrown: unknown, path: string): PlinthError {
  return isWireError(thrown) ? fromWire(thrown, path) : toPlinthError(thrown, path)
}

function isEvent(value: unknown): value is StreamedEvent<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    'data' in value
  )
}
