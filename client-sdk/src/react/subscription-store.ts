import type { SubscriptionOptions, SubscriptionState } from './subscription.ts'

/** The state of one subscription, for `useSyncExternalStore`. It is open while somebody listens. */
export interface SubscriptionStore<Data, Failure> {
  state(): SubscriptionState<Data, Failure>
  /** Changes whenever something changed that was looked at. */
  version(): number
  subscribe(listener: () => void): () => void
  /** Has changes of this part of the state count from now on. */
  watch(field: keyof SubscriptionState<Data, Failure>): void
}

/** @param options asked whenever something happens, so that the newest handlers are called */
export function createSubscriptionStore<Data, Failure>(
  enabled: boolean,
  options: () => SubscriptionOptions<Data, Failure>,
): SubscriptionStore<Data, Failure> {
  type Now = SubscriptionState<Data, Failure>
  const watched = new Set<keyof Now>()
  let state: Now = { status: enabled ? 'connecting' : 'idle', data: undefined, error: null }
  let version = 0

  function open(listener: () => void): () => void {
    let isOpen = true
    const change = (next: Now): void => {
      const before = state
      state = next
      if (![...watched].some((field) => before[field] !== next[field])) return
      version += 1
      listener()
    }
    /** A closed stream may have an event on its way. */
    const whileOpen =
      <Args extends unknown[]>(handle: (...args: Args) => void) =>
      (...args: Args): void => {
        if (isOpen) handle(...args)
      }
    const { lastEventId, timeoutMs } = options()
    const close = options().subscribe({
      lastEventId,
      timeoutMs,
      onStarted: whileOpen(() => {
        change({ status: 'open', data: state.data, error: null })
        options().onStarted?.()
      }),
      onData: whileOpen((event) => {
        change({ status: 'open', data: event, error: null })
        options().onData?.(event)
      }),
      onReconnecting: whileOpen((error) => {
        change({ status: 'connecting', data: state.data, error: error ?? null })
        options().onReconnecting?.(error)
      }),
      onComplete: whileOpen(() => {
        change({ status: 'ended', data: state.data, error: null })
        options().onComplete?.()
      }),
      onError: whileOpen((error) => {
        change({ status: 'error', data: state.data, error })
        options().onError?.(error)
      }),
    })
    return () => {
      isOpen = false
      close()
    }
  }

  return {
    state: () => state,
    version: () => version,
    subscribe: (listener) => (enabled ? open(listener) : () => undefined),
    watch: (field) => {
      watched.add(field)
    },
  }
}
