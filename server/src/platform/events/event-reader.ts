import type { Bus } from './bus.ts'
import type { StoredEvent, StreamSource } from './stream-source.ts'
import { createTail, type Tail } from './tail.ts'

/** Where a reader starts. */
export interface Following {
  readonly source: StreamSource
  /** Who reads, as `look` understands it. */
  readonly reader: string
  /** The id of the last event seen; undefined to start at the end of the stream. */
  readonly after: bigint | undefined
  readonly signal: AbortSignal
}

/** Follows streams: every event once, in order, as long as the reader may see it. */
export interface EventReader {
  /** Ends when `signal` aborts; throws what the source says, or what the database did. */
  follow(following: Following): AsyncGenerator<StoredEvent, void>
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
    async *follow({ source, reader, after, signal }) {
      const known = tails.get(source.stream)
      const tail = known ?? createTail(bus, source, pollMs)
      tails.set(source.stream, tail)
      const seat = tail.join(reader)
      try {
        yield* seat.events(after, signal)
      } finally {
        if (tail.leave(seat) && tails.get(source.stream) === tail) tails.delete(source.stream)
      }
    },
  }
}
