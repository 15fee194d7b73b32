import type { Clock } from '../../server/src/platform/clock.ts'

/** A clock that a test moves; it runs along with the machine's. */
export interface MovingClock extends Clock {
  /** Moves it by so many milliseconds, back when negative. */
  move(ms: number): void
  /** Puts it back to the machine's time. */
  reset(): void
}

/** One minute in milliseconds. */
export const MINUTE = 60_000
/** One day in milliseconds. */
export const DAY = 24 * 60 * MINUTE

/** A clock showing the machine's time until it is moved. */
export function movingClock(): MovingClock {
  let offset = 0
  return {
    now: () => new Date(Date.now() + offset),
    move(ms) {
      offset += ms
    },
    reset() {
      offset = 0
    },
  }
}
