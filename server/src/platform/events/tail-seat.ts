import type { SharedLook } from './shared-look.ts'
import { BATCH, type StoredEvent, type StreamSource, type StreamView } from './stream-source.ts'

/** One reader's place in a stream. It reads by itself until it has caught up, and from then on what the tail offers. */
export interface Seat {
  readonly reader: string
  /** Whether it lives on what the tail offers. */
  readonly live: boolean
  /** Hands over new events; undefined, or more than fits, sends it back to reading by itself. */
  offer(events: readonly StoredEvent[] | undefined): void
  /** Ends the reader with `error`; what waits for it is dropped. */
  end(error: unknown): void
  /** There will be no events after `head`: the reader ends when it has had that one. */
  complete(head: bigint): void
  /**
   * Finds the place after `after` (the stream's end when undefined) and returns it; to be called once, before
   * {@link events}. `firstLook` is looked with instead of the shared look.
   * @throws what the source says of a reader who may not see it, or of an `after` it does not have
   */
  open(after: bigint | undefined, firstLook?: () => Promise<StreamView>): Promise<bigint>
  /** Everything from there on, until `signal` aborts or the stream is over. */
  events(signal: AbortSignal): AsyncGenerator<StoredEvent, void>
}

/** How a seat stands to the others. */
export interface SeatHost {
  /** Reads the stream, together with others who read from there. */
  readonly look: SharedLook
  /** How often the tail was woken so far. */
  wakeUps(): number
  /**
   * Whether a seat that has read up to `last` by itself can go on with what the tail offers. `wakeUps` is from before
   * it read: a wake-up since then may be for an event that it did not see and that nobody else was there to fetch.
   */
  goLive(last: bigint, wakeUps: number): boolean
}

/** A reader this far behind reads from the database again, so that a slow one cannot eat memory. */
const MOST_WAITING = 2 * BATCH

/** A new place, not live yet. */
export function createSeat(reader: string, source: StreamSource, host: SeatHost): Seat {
  let live = false
  let waiting: StoredEvent[] = []
  /** The last event that was read or queued. */
  let last = 0n
  let ended: { readonly error: unknown } | undefined
  let wake = (): void => undefined
  let opened: readonly StoredEvent[] = []
  /** The id of the last event there will ever be, once that is known. */
  let finalId: bigint | undefined

  /** What follows, read by itself; the first look also finds the place. */
  async function readOn(
    after: bigint | undefined,
    look = () => host.look(after, reader),
  ): Promise<readonly StoredEvent[]> {
    const wakeUps = host.wakeUps()
    const { audience, head, events, over } = await look()
    if (!audience.has(reader)) throw source.refused()
    if (after !== undefined && after > head) throw source.unknownId()
    const first = events[0]
    // 0 is "from the first one kept": nothing was seen after which something could be missing.
    const resumes = after !== undefined && after > 0n
    if (resumes && after < head && first?.id !== after + 1n) throw source.tooOld()
    last = events.at(-1)?.id ?? head
    if (over === true) finalId = head
    if (last === head) live = host.goLive(last, wakeUps)
    return events
  }

  /** Resolves on the next offer or end, or when `signal` aborts. */
  function change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done)
        wake = () => undefined
        resolve()
      }
      wake = done
      signal.addEventListener('abort', done)
      if (signal.aborted) done()
    })
  }

  return {
    reader,
    get live() {
      return live
    },
    offer(events) {
      const news = events?.filter((event) => event.id > last)
      const first = news?.[0]
      if (news === undefined || waiting.length + news.length > MOST_WAITING) live = false
      else if (first !== undefined && first.id !== last + 1n) live = false
      else {
        waiting.push(...news)
        last = news.at(-1)?.id ?? last
      }
      wake()
    },
    end(error) {
      ended ??= { error }
      wake()
    },
    complete(head) {
      finalId = head
      wake()
    },
    async open(after, firstLook) {
      opened = await readOn(after, firstLook)
      return after ?? last
    },
    async *events(signal) {
      let batch = opened
      opened = []
      while (!signal.aborted) {
        for (const event of batch) {
          if (signal.aborted) return
          if (ended !== undefined) throw ended.error
          yield event
        }
        if (ended !== undefined) throw ended.error
        if (waiting.length > 0) {
          batch = waiting
          waiting = []
        } else if (finalId !== undefined && last >= finalId) return
        else if (live) {
          batch = []
          await change(signal)
        } else batch = await readOn(last)
      }
    },
  }
}
