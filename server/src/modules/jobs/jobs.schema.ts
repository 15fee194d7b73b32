import { z } from 'zod'
import { named } from '../../contract/json-schema.ts'
import { Id, listOf, pageInput, Timestamp, text } from '../../contract/schemas.ts'

/** Where a job stands. */
const JobState = z
  .enum(['queued', 'running', 'succeeded', 'failed', 'cancelled', 'dead'])
  .describe(
    '`queued`: waits for its first or next attempt. `failed`: ended for a reason that trying again would not change. `dead`: given up after its last attempt; an admin can have it tried again.',
  )

const update = {
  state: JobState.meta({ examples: ['succeeded'] }),
  attempt: z.int().describe('Counts attempts; 0 before the first.'),
  progress: z
    .object({ current: z.int(), total: z.int() })
    .optional()
    .meta({ examples: [{ current: 120, total: 120 }] }),
  result: z
    .unknown()
    .optional()
    .meta({
      description: 'Of a job that succeeded.',
      examples: [{ rows: 120 }],
    }),
  error: z.object({ message: z.string() }).optional().describe('Why the last attempt failed.'),
}

/** Background work, as its owner sees it. */
export const Job = named(
  'Job',
  'Background work.',
  z.object({
    id: Id,
    name: z.string().meta({ examples: ['reports.generate'] }),
    ...update,
    ownerId: Id.nullable().describe('Null for the system’s own jobs.'),
    createdAt: Timestamp,
    startedAt: Timestamp.nullable(),
    finishedAt: Timestamp.nullable(),
  }),
)
export type Job = z.infer<typeof Job>

/** What a job has come to. */
export const JobUpdate = named('JobUpdate', 'What a job has come to.', z.object(update))
export type JobUpdate = z.infer<typeof JobUpdate>

export const JobsGetInput = z.strictObject({ id: Id })
export const JobsGetOutput = Job

export const JobsListInput = z.strictObject({
  ...pageInput,
  state: JobState.optional(),
  name: text(1, 100).optional().describe('One kind of job.'),
  ownerId: Id.optional().describe('For admins; everybody else sees their own jobs.'),
})
export const JobsListOutput = listOf(Job)

export const JobsCancelInput = z.strictObject({ id: Id })
export const JobsCancelOutput = Job

export const JobsRetryInput = z.strictObject({ id: Id })
export const JobsRetryOutput = Job

export const JobsOnProgressInput = z.strictObject({ id: Id })
export const JobsOnProgressOutput = JobUpdate
