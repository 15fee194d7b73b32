/** An event as it is kept. Ids count from 1 within a stream, without gaps. */
export interface StoredEvent {
  readonly id: bigint
  readonly type: string
  readonly data: unknown
}

/** What one look at a stream saw, all of it at the same moment. */
export interface StreamView {
  /** Those of the readers asked about who may see the stream. */
  readonly audience: ReadonlySet<string>
  /** The id of the stream's last event; 0 when it has none. */
  readonly head: bigint
  /** The first `BATCH` events after the one asked for, in order; empty when the audience is. */
  readonly events: readonly StoredEvent[]
  /** The head is the last event there will ever be: readers who have it are told that this was all. */
  readonly over?: boolean
}

/** The most events one look returns. */
export const BATCH = 200

/** A stream as its module describes it. The errors become what a reader is told. */
export interface StreamSource {
  readonly stream: string
  /** Bus topics that mean "look again": new events, or somebody lost the right to see them. */
  readonly topics: readonly string[]
  /** Reads what follows `after` (undefined: nothing) and who of `readers` may see it, in one statement. */
  look(after: bigint | undefined, readers: readonly string[]): Promise<StreamView>
  /** The reader may not see the stream, or not any more. */
  refused(): Error
  /** `after` is not the id of an event of this stream. */
  unknownId(): Error
  /** Events between `after` and now are not kept any more. */
  tooOld(): Error
}
