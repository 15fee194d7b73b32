import type { Operation } from '../workload/operation-log.ts'
import type { Watched, WatchedEvent } from '../workload/watchers.ts'

/** Everything that is known of one round when all is quiet again. */
export interface Evidence {
  /** From the clients' own log. */
  readonly operations: readonly Operation[]
  /** How often each effect was found, by its name. */
  readonly effects: ReadonlyMap<string, number>
  /** What went up by one each time. */
  readonly counters: readonly CounterFinding[]
  /** The events of the project, in order, as they are kept. */
  readonly stream: readonly WatchedEvent[]
  readonly watched: readonly Watched[]
  /** What is wrong by itself: answers, ends of processes, lines in logs, lost sessions. */
  readonly complaints: readonly string[]
}

/** From the first blow of a fault to the moment its cause is gone, in milliseconds since 1970. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** A counter as it was found. */
export interface CounterFinding {
  readonly name: string
  /** The numbers it had, in the order of its events. */
  readonly history: readonly number[]
  /** The number that is read now. */
  readonly now: number
}
