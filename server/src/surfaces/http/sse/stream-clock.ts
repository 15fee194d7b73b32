/** A stream as the clock sees it. */
export interface Ticking {
  /** Called about once a second with `performance.now()`. */
  tick(now: number): void
}

/** One timer for all streams of a process; thousands of timers of their own would cost more than the streams. */
export interface StreamClock {
  /** Ticks for `stream` until the returned function is called. */
  add(stream: Ticking): () => void
}

const TICK_MS = 1_000

/** Builds the clock. It runs only while there are streams. */
export function createStreamClock(): StreamClock {
  const streams = new Set<Ticking>()
  let timer: NodeJS.Timeout | undefined
  const tick = (): void => {
    const now = performance.now()
    for (const stream of streams) stream.tick(now)
  }
  return {
    add(stream) {
      streams.add(stream)
      timer ??= setInterval(tick, TICK_MS).unref()
      return () => {
        streams.delete(stream)
        if (streams.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
    },
  }
}
