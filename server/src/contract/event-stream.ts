import { type TrackedEnvelope, tracked } from '@trpc/server'

/** One event of a stream; `id` is what a client resumes after. */
export interface StreamEvent<T> {
  readonly id: string
  readonly data: T
}

/** A stream whose place is found. */
export interface OpenedStream<T> {
  /** What to resume after while no event was seen. */
  readonly position: string
  /**
   * Ends when there will be no more: the client is told so and does not come back. The same object for several streams
   * is shaped and serialised once for all of them.
   */
  readonly events: AsyncIterable<StreamEvent<T>>
}

/** What a subscription answers: events with ids for callers in this process, and what a surface needs to write them. */
export class EventStream implements AsyncIterable<TrackedEnvelope<unknown>> {
  /** What to resume after while no event was seen. */
  readonly position: string
  /** Shaped as the procedure's output promises, the same object in every stream. To be read once. */
  readonly events: AsyncIterable<StreamEvent<unknown>>

  /** Aborts when the caller has gone or may not go on, and in any case when there will be no more. */
  readonly ended: AbortSignal

  constructor(position: string, events: AsyncIterable<StreamEvent<unknown>>, ended: AbortSignal) {
    this.position = position
    this.events = events
    this.ended = ended
  }

  /** The events as tRPC carries them. */
  async *[Symbol.asyncIterator](): AsyncGenerator<TrackedEnvelope<unknown>, void> {
    for await (const { id, data } of this.events) yield tracked(id, data)
  }
}

/** Why a stream ended although there was more to come. */
export type ClosedBecause = 'client left' | 'slow reader' | 'maximum age' | 'server stopping'

/** The reason with which a surface aborts a stream; it stands in the log. Clients come back and resume. */
export class StreamClosed extends Error {
  override readonly name = 'StreamClosed'
  readonly because: ClosedBecause

  constructor(because: ClosedBecause) {
    super(`The stream was closed: ${because}.`)
    this.because = because
  }
}
