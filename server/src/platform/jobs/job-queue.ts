import type { Tx } from '../database/index.ts'
import type { NewJob } from './new-job.ts'

/** Announced with the name of a queue when jobs were put into it, so that workers need not wait for their next look. */
export const JOBS_TOPIC = 'jobs'

/** What caused jobs. */
export interface JobCause {
  /** Whose jobs they are unless they say otherwise; null for the system's. */
  readonly ownerId: string | null
  /** The trace of the call that queued them. */
  readonly traceId: string
}

/** Where jobs are put. */
export interface JobQueue {
  /** Queues jobs inside the transaction `tx`: they exist if and only if it commits. */
  enqueue(tx: Tx, jobs: readonly NewJob[], cause: JobCause): Promise<void>
}
