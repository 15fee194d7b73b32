import type { z } from 'zod'

/** How a failed job is tried again. */
export interface JobRetry {
  /** How often after the first attempt. */
  readonly limit: number
  /** The pause before the first retry in seconds; it doubles each time, with some randomness. */
  readonly delaySeconds: number
}

/** When a job starts by itself. */
export interface JobSchedule<Payload> {
  /** Five fields, UTC: `0 3 * * *`. */
  readonly cron: string
  readonly payload: Payload
}

/** A kind of background work, declared once; who runs it is said elsewhere, so that callers do not load the handler. */
export interface JobDefinition<Payload extends z.ZodType = z.ZodType, Result extends z.ZodType = z.ZodType> {
  /** `noun.verb`, unique. */
  readonly name: string
  /**
   * Counts incompatible changes of `payload`. While versions of the program run side by side, a job of a newer one waits
   * for a process that knows it; one of an older version is not run but ends in `dead`.
   */
  readonly version: number
  /** Checked when queued and again before it runs: rows can be edited. Holds no secrets. */
  readonly payload: Payload
  /** What it answers; kept with the job. */
  readonly result: Result
  readonly retry: JobRetry
  /** The longest one attempt may take. */
  readonly timeLimitSeconds: number
  /** A worker that says nothing for so long is taken for dead; 10 is the least. */
  readonly heartbeatSeconds: number
  /** How many run at once in one process. */
  readonly concurrency: number
  readonly schedule: JobSchedule<z.input<Payload>> | undefined
}

/** What a definition may leave out. */
interface JobDefaults {
  readonly retry?: JobRetry
  readonly timeLimitSeconds?: number
  readonly heartbeatSeconds?: number
  readonly concurrency?: number
}

/** A job as a module declares it. */
type JobDeclaration<Payload extends z.ZodType, Result extends z.ZodType> = Pick<
  JobDefinition<Payload, Result>,
  'name' | 'version' | 'payload' | 'result'
> &
  JobDefaults & { readonly schedule?: JobSchedule<z.input<Payload>> }

/**
 * Declares a job. Unless told: three retries after 1, 2 and 4 seconds, five minutes an attempt, a heartbeat of ten
 * seconds, five at once in a process.
 */
export function defineJob<Payload extends z.ZodType, Result extends z.ZodType>(
  declaration: JobDeclaration<Payload, Result>,
): JobDefinition<Payload, Result> {
  return {
    retry: { limit: 3, delaySeconds: 1 },
    timeLimitSeconds: 300,
    heartbeatSeconds: 10,
    concurrency: 5,
    schedule: undefined,
    ...declaration,
  }
}
