import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Bounds of {@link createLoadGuard}. */
export interface LoadBounds {
  /** How many calls are worked on at once. */
  readonly maxRunning: number
  /** How late the event loop may run, in milliseconds, as the median of a quarter of a second. */
  readonly maxLoopDelayMs: number
  /** Other queues that must not grow: how long each is and may be. */
  readonly queues: readonly { readonly length: () => number; readonly max: number }[]
}

/** Knows when a process has as much to do as it can. */
export interface LoadGuard {
  /** Whether more work would only make everybody wait. Costs next to nothing. */
  isBusy(): boolean
  /** Takes `places` for the time of some work; returns how to give them back, or undefined when there are too few. */
  enter(places: number): (() => void) | undefined
  /** How much was refused so far. */
  refused(): number
  /** Counts a refusal. */
  noteRefusal(): void
  close(): void
}

/** However late the loop is, so many calls still go on: what is refused is no use to anybody. */
const LEAST_RUNNING = 16
const SAMPLE_EVERY_MS = 10
const JUDGE_EVERY_MS = 250

/**
 * Counts running work, and lets less of it in while the event loop runs late: half as much each quarter of a second,
 * then a sixteenth more again each time it is in time. A single long task (a garbage collection, a large answer) does
 * not make the loop late by the median; work that comes faster than it is done does.
 */
export function createLoadGuard({ maxRunning, maxLoopDelayMs, queues }: LoadBounds): LoadGuard {
  const delays = monitorEventLoopDelay({ resolution: SAMPLE_EVERY_MS })
  let running = 0
  let refused = 0
  let limit = maxRunning

  delays.enable()
  const judge = setInterval(() => {
    const late = delays.percentile(50) / 1e6 - SAMPLE_EVERY_MS > maxLoopDelayMs
    delays.reset()
    limit = late
      ? Math.max(Math.min(LEAST_RUNNING, maxRunning), Math.floor(limit / 2))
      : Math.min(maxRunning, limit + Math.ceil(maxRunning / 16))
  }, JUDGE_EVERY_MS).unref()

  return {
    isBusy: () => running >= limit || queues.some(({ length, max }) => length() >= max),
    enter(places) {
      // What is larger than everything there is gets its turn when nothing else runs.
      if (running > 0 && running + places > limit) return undefined
      running += places
      let entered = true
      return () => {
        if (entered) running -= places
        entered = false
      }
    },
    refused: () => refused,
    noteRefusal() {
      refused += 1
    },
    close() {
      clearInterval(judge)
      delays.disable()
    },
  }
}
