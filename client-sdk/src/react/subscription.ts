import type { SkipToken } from '@tanstack/react-query'
import type { SubscribeHandlers } from '../options.ts'
import type { StreamedEvent, Unsubscribe } from '../procedures.ts'
import type { PlinthKey } from './keys.ts'
import type { Leaf } from './leaf.ts'

/** What a subscription can be told. Handlers may change from one rendering to the next; the newest are called. */
export interface SubscriptionIn<Data, Failure>
  extends Omit<SubscribeHandlers<Data, Failure>, 'signal' | 'onData'> {
  /** Called for every event, in order. */
  readonly onData?: ((event: StreamedEvent<Data>) => void) | undefined
  /** `false` does not subscribe. */
  readonly enabled?: boolean | undefined
}

/** Options for `useSubscription`. */
export interface SubscriptionOptions<Data, Failure> extends SubscriptionIn<Data, Failure> {
  readonly enabled: boolean
  /** What it subscribes to: when this changes, the old stream is closed and a new one opened. */
  readonly queryKey: PlinthKey
  readonly subscribe: (handlers: SubscribeHandlers<Data, Failure>) => Unsubscribe
}

/** A stream, for `useSubscription`. */
export interface SubscriptionLeaf<Input, Data, Failure> extends Leaf<Input, StreamedEvent<Data>, Failure> {
  /** Options for `useSubscription`; `skipToken` subscribes to nothing. */
  subscriptionOptions(
    input: Input | SkipToken,
    options?: SubscriptionIn<Data, Failure>,
  ): SubscriptionOptions<Data, Failure>
}

interface State<Status extends string, Data, Failure> {
  /**
   * `idle`: not enabled; `connecting`: opening, also again after a lost connection; `open`: events arrive; `ended`: the
   * server has ended the stream; `error`: it ended by a failure that trying again does not cure.
   */
  readonly status: Status
  /** The newest event. Several may come between two renderings: `onData` is called for each. */
  readonly data: StreamedEvent<Data> | undefined
  /** Why it ended, or why it is connecting again. */
  readonly error: Failure
}

/** Where a subscription stands. */
export type SubscriptionState<Data, Failure> =
  | State<'idle' | 'open' | 'ended', Data, null>
  | State<'connecting', Data, Failure | null>
  | State<'error', Data, Failure>

/** What `useSubscription` gives. */
export type SubscriptionResult<Data, Failure> = SubscriptionState<Data, Failure> & {
  /** Forgets what came and subscribes anew. */
  readonly reset: () => void
}
