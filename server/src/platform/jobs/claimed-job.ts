import type { Prisma, Tx } from '../database/index.ts'
import type { JobDefinition } from './job-definition.ts'

/** Names one attempt at a job: only its holder may settle the job. */
export interface AttemptKey {
  readonly id: string
  readonly retryCount: number
}

/** A job that this process took to do. */
export interface ClaimedJob extends AttemptKey {
  readonly definition: JobDefinition
  /** 1 for the first. */
  readonly attempt: number
  /** No retry follows when it fails. */
  readonly last: boolean
  /** As the queue had it: not checked. */
  readonly data: unknown
  /** Of the definition it was queued with. */
  readonly version: number
  readonly ownerId: string | null
  /** The trace of the call that queued it. */
  readonly traceId: string
  /** The span of that call as `traceparent`, when it was recorded. */
  readonly cause: string | undefined
}

/** How far a job is. */
export interface JobProgress {
  readonly current: number
  readonly total: number
}

/** How an attempt ended. `error` is for the job's owner to read. */
export type AttemptOutcome =
  /** Done; to be written down. */
  | { readonly kind: 'done'; readonly result: Prisma.InputJsonValue }
  /** Done, and written down together with its effect. */
  | { readonly kind: 'committed' }
  /** The job is not this attempt's any more: nothing may be written. */
  | { readonly kind: 'lost' }
  /** Worth another try. */
  | { readonly kind: 'broke'; readonly error: string; readonly cause: unknown }
  /** Trying again would not change it. */
  | { readonly kind: 'failed'; readonly error: string; readonly cause: unknown }
  /** For a process of a newer version; it goes back unharmed. */
  | { readonly kind: 'postponed'; readonly error: string }
  /** It must not be run at all. */
  | { readonly kind: 'refused'; readonly error: string; readonly cause?: unknown }

/** What an attempt gets to work with. */
export interface AttemptControl {
  /** Aborts when the attempt is over, for whatever reason. */
  readonly signal: AbortSignal
  progress(current: number, total: number): void
  /**
   * Writes the job's success into `tx`, where its effect is.
   * @throws JobLostError when the job is not this attempt's any more; `tx` must not commit then
   */
  complete(tx: Tx, result: Prisma.InputJsonValue): Promise<void>
}

/** Does one attempt; never rejects. */
export type PerformJob = (job: ClaimedJob, control: AttemptControl) => Promise<AttemptOutcome>

/** The job was given to another attempt, was cancelled or is done. */
export class JobLostError extends Error {
  override readonly name = 'JobLostError'

  constructor(id: string) {
    super(`Job ${id} is not this attempt's any more`)
  }
}
