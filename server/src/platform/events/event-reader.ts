import { createGate } from '../limits/index.ts'
import type { StoredEvent, StreamSource, StreamView } from './stream-source.ts'
import { createTail, type Tail, type TailWakers } from './tail.ts'
import type { Seat } from './tail-seat.ts'

/** Where a reader starts. */
export interface Following {
  readonly source: StreamSource
  /** Who reads, as `look` understands it. */
  readonly reader: string
  /** The id of the last event seen; undefined to start at the end of the stream. */
  readonly after: bigint | undefined
  /** Replaces this reader's first look, for who reads something else with it. */
  readonly firstLook?: () => Promise<StreamView>
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
  /**
   * Hands what this process has just committed to those who follow `stream`, so that they need not look. `view` is what
   * a look would have seen right after that commit, with the committed events alone. Whoever misses some before them
   * reads by themselves.
   */
  deliver(stream: string, view: StreamView): void
  /** How many streams are being followed now. */
  open(): number
}

/** After an outage every stream wants to look at once, and must not take all connections from the calls. */
const LOOKS_AT_ONCE = 4
/** While the bus is well a stream is looked at unasked only every so many polls. */
const HEALTHY_POLLS = 12

/**
 * Builds a reader. All who follow one stream share its reads: one look per wake-up, however many they are. Messages on
 * the bus get lost while it is not healthy, so then every stream is looked at each `pollMs`; otherwise each
 * `12 * pollMs`, in case. Events that a healthy bus says nothing of are found by the backstop.
 */
export function createEventReader(wakers: TailWakers, pollMs = 5_000): EventReader {
  const { bus } = wakers
  const tails = new Map<string, Tail>()
  const gate = createGate(LOOKS_AT_ONCE)
  let timer: NodeJS.Timeout | undefined
  let polls = 0

  const poll = (): void => {
    polls += 1
    let number = 0
    for (const tail of tails.values()) {
      number += 1
      // Not all in one poll.
      if (!bus.healthy() || (polls + number) % HEALTHY_POLLS === 0) tail.wake()
    }
  }
  const open = (source: StreamSource): Tail => {
    const look: StreamSource['look'] = (after, readers) => gate(() => source.look(after, readers))
    const tail = createTail(wakers, { ...source, look })
    tails.set(source.stream, tail)
    timer ??= setInterval(poll, pollMs).unref()
    return tail
  }
  const close = (stream: string, tail: Tail): void => {
    if (tails.get(stream) === tail) tails.delete(stream)
    if (tails.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  return {
    open: () => tails.size,
    deliver: (stream, view) => tails.get(stream)?.take(view),
    async follow({ source, reader, after, firstLook, signal }) {
      const tail = tails.get(source.stream) ?? open(source)
      const seat = tail.join(reader)
      const leave = (): void => {
        if (tail.leave(seat)) close(source.stream, tail)
      }
      let position: bigint
      try {
        position = await seat.open(after, firstLook)
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
