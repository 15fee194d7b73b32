import { createParser, type EventSourceMessage } from 'eventsource-parser'
import type { StreamedEvent } from './procedures.ts'
import { fromWire, isWireError, UnexpectedAnswer } from './to-plinth-error.ts'

/** Whom the text of a stream is read for. */
export interface FrameSink {
  readonly path: string
  /** Nothing is called after it has aborted. */
  readonly signal: AbortSignal
  /** Told the id to resume after while there was no event. */
  readonly onOpened: (position: string) => void
  readonly onStarted: () => void
  readonly onEvent: (event: StreamedEvent<unknown>) => void
}

/** The text of one stream, as it arrives. */
export interface Frames {
  /** @throws PlinthError when the server says that it failed, UnexpectedAnswer when this is not its protocol */
  feed(text: string): void
  /** Whether the server has said that there is no more. */
  isOver(): boolean
  /** How long the server may be silent, in milliseconds, before the connection counts as lost. */
  silentMs(): number
}

/**
 * Reads tRPC's events over SSE: `connected` first, data without a name, `serialized-error`, `return` when there is no
 * more to come. Others, such as `ping`, only show that the server is there.
 */
export function readFrames({ path, signal, onOpened, onStarted, onEvent }: FrameSink): Frames {
  let isOver = false
  let silentMs = Number.POSITIVE_INFINITY
  const read = ({ event = 'message', id = '', data }: EventSourceMessage): void => {
    if (isOver || signal.aborted) return
    switch (event) {
      case 'message':
        if (id !== '') onEvent({ id, data: parsed(data) })
        return
      case 'connected':
        silentMs = inactivityIn(parsed(data))
        if (id !== '') onOpened(id)
        onStarted()
        return
      case 'serialized-error': {
        const error = parsed(data)
        throw isWireError(error) ? fromWire(error, path) : new UnexpectedAnswer(200, null)
      }
      case 'return':
        isOver = true
    }
  }
  const { feed } = createParser({ onEvent: read })
  return { feed, isOver: () => isOver, silentMs: () => silentMs }
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    throw new UnexpectedAnswer(200, null)
  }
}

function inactivityIn(options: unknown): number {
  if (typeof options !== 'object' || options === null) return Number.POSITIVE_INFINITY
  const ms: unknown = Reflect.get(options, 'reconnectAfterInactivityMs')
  return typeof ms === 'number' && ms > 0 ? ms : Number.POSITIVE_INFINITY
}
