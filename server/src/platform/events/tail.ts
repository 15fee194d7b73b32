import { AsyncLocalStorage } from 'node:async_hooks'
import type { Bus } from './bus.ts'
import { createSharedLook } from './shared-look.ts'
import type { FollowedStream, StreamBackstop } from './stream-backstop.ts'
import type { StreamSource, StreamView } from './stream-source.ts'
import { createSeat, type Seat } from './tail-seat.ts'

/** What those who follow one stream share: the wake-ups and the reads. */
export interface Tail extends FollowedStream {
  join(reader: string): Seat
  /** Gives up the seat; true when it was the last one and the tail is closed. */
  leave(seat: Seat): boolean
  /** Takes what was committed a moment ago as if it had looked then. */
  take(view: StreamView): void
}

/** Looks are nobody's request: their round trips must not count for whoever published the wake-up. */
const outsideRequests = AsyncLocalStorage.snapshot()

/** What wakes tails. */
export interface TailWakers {
  readonly bus: Bus
  readonly backstop: StreamBackstop
}

/** Starts to listen for `source`. */
export function createTail({ bus, backstop }: TailWakers, source: StreamSource): Tail {
  const seats = new Set<Seat>()
  const sharedLook = createSharedLook(source)
  let looking = false
  let again = false
  /** The last event this tail has handed out. */
  let head = 0n
  let wakeUps = 0

  async function look(): Promise<void> {
    const asked = [...seats]
    const live = new Set(asked.filter((seat) => seat.live))
    const view = await source.look(live.size === 0 ? undefined : head, readersOf(asked))
    for (const seat of asked) if (!view.audience.has(seat.reader)) seat.end(source.refused())
    // Who came alive during the look was not asked about, so they look for themselves.
    share(view, (seat) => live.has(seat))
    if (view.events.length > 0 && head < view.head) again = true
    if (view.over === true) for (const seat of seats) seat.complete(view.head)
  }

  /** Offers events to the seats that are live, and notes how far those are. */
  function share({ events }: StreamView, wasAsked: (seat: Seat) => boolean): void {
    const last = events.at(-1)
    if (last === undefined) return
    // A look that began before something was handed over may end after it.
    if (last.id > head) head = last.id
    for (const seat of seats) if (seat.live) seat.offer(wasAsked(seat) ? events : undefined)
  }

  async function refresh(): Promise<void> {
    if (looking) {
      again = true
      return
    }
    looking = true
    try {
      do {
        again = false
        if (seats.size > 0) await look()
      } while (again)
    } catch (error) {
      // Nobody is told what could not be checked; clients come back and resume.
      for (const seat of seats) seat.end(error)
    } finally {
      looking = false
    }
  }

  /** Looks for new events, or once more when a look is under way. */
  const wake = (): void => {
    wakeUps += 1
    outsideRequests(() => void refresh())
  }
  const unsubscribe = source.topics.map((topic) => bus.subscribe(topic, wake))
  unsubscribe.push(bus.onHealthChange(wake))
  // Who is not live reads by itself, up to the end.
  const isBehind = (newest: bigint): boolean => newest > head && [...seats].some((seat) => seat.live)
  unsubscribe.push(backstop.watch({ stream: source.stream, isBehind, wake }))

  const take = (view: StreamView): void => {
    // Who reads by itself at this moment may have read before the commit: for them this is a wake-up.
    wakeUps += 1
    for (const seat of seats) if (!view.audience.has(seat.reader)) seat.end(source.refused())
    share(view, () => true)
  }

  return {
    stream: source.stream,
    isBehind,
    wake,
    take,
    join(reader) {
      const seat = createSeat(reader, source, {
        look: sharedLook,
        wakeUps: () => wakeUps,
        goLive(last, wakeUpsBefore) {
          if (wakeUps !== wakeUpsBefore) return false
          const others = [...seats].some((other) => other.live)
          if (others && last < head) return false
          if (!others) head = last
          return true
        },
      })
      seats.add(seat)
      return seat
    },
    leave(seat) {
      seats.delete(seat)
      if (seats.size > 0) return false
      for (const stop of unsubscribe) stop()
      return true
    },
  }
}

function readersOf(seats: readonly Seat[]): string[] {
  return [...new Set(seats.map((seat) => seat.reader))]
}
