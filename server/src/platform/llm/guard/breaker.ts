import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
} from 'cockatiel'

/** When a breaker opens, and for how long. */
export interface BreakerOptions {
  /** So many failures in a row open it. */
  readonly failures: number
  /** It stays open so long, in milliseconds; after each attempt that fails twice as long as before, eight times at most. */
  readonly openMs: number
}

/** One call that a breaker let through. It must end in exactly one way. */
export interface Attempt {
  /** The provider works: after a failure, others may call again from now on. */
  began(): void
  succeeded(): void
  failed(): void
  /** It ended for reasons that say nothing about the provider. */
  left(): void
}

/** Keeps calls from a provider that fails them all. */
export interface Breaker {
  /** Undefined while it is open, or while one call tries whether the provider is well again. */
  enter(): Attempt | undefined
  /** How long it stays open from now, in milliseconds; 0 when a call may be tried. */
  openForMs(): number
}

/** How a call ended that says nothing about the provider. */
class LeftError extends Error {}

/** Builds a closed breaker. */
export function createBreaker({ failures, openMs }: BreakerOptions): Breaker {
  let opensAgainAt = 0
  const halfOpenAfter = new ExponentialBackoff<number>({
    generator: (times = 0) => {
      const delay = openMs * 2 ** Math.min(times, 3)
      opensAgainAt = Date.now() + delay
      return [delay, times + 1]
    },
  })
  // A trial that nobody waited for has proved nothing, so the breaker opens again; else such calls do not count.
  const counts = (error: unknown): boolean =>
    !(error instanceof LeftError) || policy.state === CircuitState.HalfOpen
  const policy: CircuitBreakerPolicy = circuitBreaker(handleWhen(counts), {
    breaker: new ConsecutiveBreaker(failures),
    halfOpenAfter,
  })
  // As a function: the compiler cannot know that a call of the policy changes its state.
  const isState = (state: CircuitState) => policy.state === state
  return {
    openForMs: () => (policy.state === CircuitState.Open ? Math.max(0, opensAgainAt - Date.now()) : 0),
    enter() {
      // The policy would have them wait for the trial, which may take as long as a provider may be silent.
      if (isState(CircuitState.HalfOpen)) return undefined
      const end = Promise.withResolvers<void>()
      // Its rejections are the callers' own errors, or the refusal that the state below tells of.
      policy.execute(() => end.promise).catch(() => undefined)
      if (isState(CircuitState.Open)) return undefined
      const isTrial = isState(CircuitState.HalfOpen)
      return {
        began: () => (isTrial ? end.resolve() : undefined),
        succeeded: () => end.resolve(),
        failed: () => end.reject(new Error('The provider failed')),
        left: () => end.reject(new LeftError()),
      }
    },
  }
}
