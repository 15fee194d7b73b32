import type { Bus } from './bus.ts'
import type { StoredEvent, StreamSource } from './stream-source.ts'
import { createTail, type Tail } from './tail.ts'
import type { Seat } from './tail-seat.ts'

/** Where a reader starts. */
export interface Following {
  readonly source: StreamSource
  /** Who reads, as `look` understands it. */
  readonly reader: string
  /** The id of the last event seen; undefined to start at the end of the stream. */
  readonly after: bigint | undefined
  readonly signal: AbortSignal
}

/** A stream that was opened. */
export interface Followed {
  /** The id that the events come after: what to resume with before the first one was seen. */
  readonly position: bigint
  readonly events: AsyncIterable<StoredEvent>
}

/** Follows streams: every event once, in order, as long as the reader may see it. */
export interface EventReader {
  /**
   * Resolves when the place in the stream is found and the reader may see it: everything committed from then on is
   * among the events. They end when `signal` aborts.
   * @throws what the source says, or what the database did; so do the events
   */
  follow(following: Following): Promise<Followed>
  /** How many streams are being followed now. */
  open(): number
}

/**
 * Builds the reader of one process. All who follow one stream share its reads: one look per wake-up, whoever many
 * they are. Messages on the bus can get lost, so every stream is also looked at each `pollMs`.
 */
export function createEventReader(bus: Bus, pollMs = 5_000): EventReader {
  const tails = new Map<string, Tail>()
  return {
    open: () => tails.size,
    async follow({ source, reader, after, signal }) {
      const known = tails.get(source.stream)
      const tail = known ?? createTail(bus, source, pollMs)
      tails.set(source.stream, tail)
      const seat = tail.join(reader)
      const leave = (): void => {
        if (tail.leave(seat) && tails.get(source.stream) === tail) tails.delete(source.stream)
      }
      let position: bigint
      try {
        position = await seat.open(after)
      } catch (error) {
        leave()
        throw error
      }
      // Nobody may ever ask for the events of a reader who is gone by now.
      signal.addEventListener('abort', leave, { once: true })
      if (signal.aborted) leave()
      return { position, events: eventsOf(seat, signal, leave) }
    },
  }
}

async function* eventsOf(
  seat: Seat,
  signal: AbortSignal,
  leave: () => void,
): AsyncGenerator<StoredEvent, void> {
  try {
    yield* seat.events(signal)
  } finally {
    signal.removeEventListener('abort', leave)
    leave()
  }
}
