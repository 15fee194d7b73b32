import type { JobHandle } from './job-handle.ts'
import type { CallOptions, SubscribeHandlers, SubscribeOptions, UploadOptions } from './options.ts'

/** What the client knows of a procedure at run time. */
export interface ProcedureFacts {
  readonly kind: 'query' | 'mutation' | 'subscription'
  /** Whether it may travel in one request with others. */
  readonly batch?: true
  /** Whether it answers with a job. */
  readonly job?: true
  /** Whether it takes a file. */
  readonly upload?: true
}

/** The promise of an answer. It also knows, in types only, how the call can fail; see `safe`. */
export interface Call<Output, Failure> extends Promise<Output> {
  readonly '~failure'?: Failure
}

interface Procedure<Failure> {
  /** Whether `error` comes from a call of this procedure; its `code` and `reason` are then those it can have. */
  isError(error: unknown): error is Failure
}

/** A procedure that reads. */
export interface Query<Input, Output, Failure> extends Procedure<Failure> {
  /** Calls it. Failures that may pass (network, 502–504, 429) are tried again until `timeoutMs` is over. */
  query(input: Input, options?: CallOptions): Call<Output, Failure>
}

/** A procedure that changes something. */
export interface Mutation<Input, Output, Failure> extends Procedure<Failure> {
  /** Calls it. It is tried again like a query; an idempotency key sent with it keeps it from happening twice. */
  mutate(input: Input, options?: CallOptions): Call<Output, Failure>
}

/** A procedure that takes a file. */
export interface Upload<Input, Output, Failure> extends Procedure<Failure> {
  /** Calls it, like any mutation; the file is sent from its beginning each time. */
  mutate(input: Input, options?: UploadOptions): Call<Output, Failure>
}

/** A procedure that starts work which goes on as a job. */
export interface JobMutation<Input, Output, Result, Failure> extends Procedure<Failure> {
  /** Calls it, like any mutation. It answers at once, with a handle to follow the job by. */
  mutate(input: Input, options?: CallOptions): Call<Output & JobHandle<Result>, Failure>
}

/** A procedure that takes a file and starts work on it which goes on as a job. */
export interface JobUpload<Input, Output, Result, Failure> extends Procedure<Failure> {
  /** Calls it, like any upload. It answers when the file is there, with a handle to follow the job by. */
  mutate(input: Input, options?: UploadOptions): Call<Output & JobHandle<Result>, Failure>
}

/** One event of a stream. */
export interface StreamedEvent<Data> {
  /** To go on after this event later: `subscribe(input, { lastEventId: id })`. */
  readonly id: string
  readonly data: Data
}

/** Ends a subscription. */
export interface Unsubscribe {
  (): void
  /** The same, for those used to tRPC's own client. */
  unsubscribe(): void
}

/** A procedure that streams. The stream survives lost connections and restarts of the server without losing events. */
export interface Subscription<Input, Data, Failure> extends Procedure<Failure> {
  /** Calls `onData` for every event until the returned function is called. */
  subscribe(input: Input, handlers: SubscribeHandlers<Data, Failure>): Unsubscribe
  /** Events to read with `for await`, once. Connects at once; `break` disconnects. */
  subscribe(
    input: Input,
    options?: SubscribeOptions,
  ): AsyncIterableIterator<StreamedEvent<Data>, undefined, undefined>
}
