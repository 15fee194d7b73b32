import type { z } from 'zod'
import type { Prisma } from '../database/index.ts'
import { newId } from '../ids.ts'
import type { JobDefinition } from './job-definition.ts'

/** A job to be queued in a transaction. */
export interface NewJob {
  readonly id: string
  readonly definition: JobDefinition
  /** As {@link JobDefinition.payload} gives it. */
  readonly payload: Prisma.InputJsonValue
  readonly options: JobOptions
}

/** How one job differs from others of its kind. */
export interface JobOptions {
  /** Who may see it, and for whom it runs: it does not while they are suspended. Default: the actor of the change. */
  readonly ownerId?: string | null
  /** Not before this moment. */
  readonly startAfter?: Date
  /** While one with this key is queued, another is not. */
  readonly singletonKey?: string
}

/**
 * Makes a job of `definition`. The payload is checked here, so that nothing is queued that cannot run.
 * @throws ZodError when `payload` is not what the definition takes: a mistake of ours
 */
export function newJob<Payload extends z.ZodType>(
  definition: JobDefinition<Payload>,
  payload: z.input<Payload>,
  options: JobOptions = {},
): NewJob {
  const checked: unknown = definition.payload.parse(payload)
  return { id: newId(), definition, payload: JSON.parse(JSON.stringify(checked)), options }
}
