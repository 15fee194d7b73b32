import type { z } from 'zod'
import type { JobDefinition } from '../platform/jobs/job-definition.ts'
import type { Actor } from './actor.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** One attempt at a job, as its handler gets it. */
export interface JobCall<Payload, Result> {
  readonly id: string
  readonly payload: Payload
  /** 1 for the first. */
  readonly attempt: number
  /** The user it runs for, with the rights they have now; null for the system's own jobs. */
  readonly actor: Actor | null
  /** Aborts when the attempt ran out of time, was cancelled, or the process stops. */
  readonly signal: AbortSignal
  /**
   * Notes how far it is, in whole numbers below 2³¹ (not bytes of large files); seen by `jobs.onProgress`. Cheap to call
   * often: most calls only keep the newest number. @throws RangeError; the signal's reason once the attempt is over
   */
  progress(current: number, total: number): Promise<void>
  /**
   * `unit.commit` writes the effect, its audit rows, events, mails and further jobs, and the job's result in one
   * transaction, and only if this attempt is still the job's: an attempt that was given up on, or whose owner was
   * suspended meanwhile, writes nothing. What
   * commit returns is the result. A job whose effects are all outside the database commits nothing and returns it.
   */
  readonly unit: UnitOfWork<Result>
}

/** Does one kind of job. Runs at least once: everything outside `unit.commit` must bear repetition. */
export interface JobHandler<Payload extends z.ZodType = z.ZodType, Result extends z.ZodType = z.ZodType> {
  readonly definition: JobDefinition<Payload, Result>
  readonly run: (call: JobCall<z.output<Payload>, z.input<Result>>) => Promise<z.input<Result>>
}

/** Pairs a definition with what does it. */
export function handleJob<Payload extends z.ZodType, Result extends z.ZodType>(
  definition: JobDefinition<Payload, Result>,
  run: JobHandler<Payload, Result>['run'],
): JobHandler
export function handleJob(definition: JobDefinition, run: JobHandler['run']): JobHandler {
  return { definition, run }
}
