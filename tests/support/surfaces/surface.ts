import type { RegistryEntry } from '../../../server/src/contract/registry.ts'

/** A way of calling the server. `trpc` is plain HTTP; `sdk` the package over it. */
export type SurfaceName = 'trpc' | 'sdk' | 'rest' | 'cli' | 'mcp' | 'agent'

/** With what a procedure is called. */
export interface CallAs {
  readonly token: string | undefined
  readonly idempotencyKey?: string | undefined
  /** Names the call in logs and audit rows. */
  readonly traceId?: string | undefined
  /** Over HTTP, where the surface lets a caller add any. */
  readonly headers?: Record<string, string>
}

/** What a refusal says, the same on every surface. */
export interface Refusal {
  readonly code: string
  readonly reason: string | undefined
  readonly message: string
  readonly issues: readonly unknown[]
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
}

/** What came of a call. */
export interface Outcome {
  readonly status: number | undefined
  readonly data: unknown
  readonly error: Refusal | undefined
  /** The trace id that the answer names. */
  readonly traceId: string | undefined
  /** Whether the answer was kept from an earlier call; undefined where a surface has no place to say so. */
  readonly replayed: boolean | undefined
  /** Whether the caller's own side refused it, so that the server never heard of it. */
  readonly refusedUnsent?: boolean
  /** All that the caller is given to read. */
  readonly text: string
  /** Asserts that the answer is in the surface's envelope, where it has one. */
  readonly requireClean?: () => void
}

/** One event as a subscriber gets it. */
export interface SurfaceEvent {
  readonly id: string
  readonly data: unknown
}

/** An open subscription. */
export interface SurfaceStream extends AsyncDisposable {
  /** Everything that came, in order. */
  readonly events: readonly SurfaceEvent[]
}

/** One way of calling every procedure that the registry gives it. */
export interface Surface extends AsyncDisposable {
  readonly name: SurfaceName
  /** What audit rows and log lines call it. */
  readonly recordedAs: string
  /** Whether idempotency keys of this surface are apart from those of the others, as a step of an agent is from a request. */
  readonly hasOwnKeys?: true
  /** Whether the policy of `entry` lets it be called this way. */
  serves(entry: RegistryEntry): boolean
  call(entry: RegistryEntry, input: unknown, as: CallAs): Promise<Outcome>
  /** Resolves when the subscription is open, throws `RefusedStream`. Absent where a surface has no streams. */
  watch?(entry: RegistryEntry, input: unknown, as: CallAs, lastEventId?: string): Promise<SurfaceStream>
}
