import type { EventReader, EventsRequest } from './event-reader.ts'
import { onNetwork } from './network-events.ts'
import type { PlinthError } from './plinth-error.ts'
import { startTimer } from './timer.ts'
import { clientError, toPlinthError } from './to-plinth-error.ts'

/** How one connection of a stream ended. */
export type Ending =
  | { readonly kind: 'completed' }
  | { readonly kind: 'reconnect' }
  | { readonly kind: 'failed'; readonly error: PlinthError }

/** One connection of a stream. */
export interface Connection extends EventsRequest {
  /** How long it may take to open. */
  readonly timeoutMs: number
}

/** Connects once. The first lost connection ends it, and the caller decides what to do then. */
export function connect(read: EventReader, connection: Connection): Promise<Ending> {
  const { path, signal } = connection
  return new Promise((resolve) => {
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
    const fail = (thrown: unknown): void => finish({ kind: 'failed', error: toPlinthError(thrown, path) })
    const stopTimer = startTimer(connection.timeoutMs, () =>
      fail(clientError('NETWORK_ERROR', `${path} did not open within ${connection.timeoutMs} ms.`, path)),
    )
    const stopListening = onNetwork('offline', () =>
      fail(clientError('NETWORK_ERROR', 'The browser is offline.', path)),
    )
    if (signal.aborted) return leave()
    signal.addEventListener('abort', leave, { once: true })
    const request = {
      ...connection,
      signal: done.signal,
      onStarted() {
        stopTimer()
        connection.onStarted()
      },
    }
    read(request).then(() => finish({ kind: 'completed' }), fail)
  })
}
