import { z } from 'zod'
import { Id } from '../../../contract/schemas.ts'
import { defineJob } from '../../../platform/jobs/job-definition.ts'

/**
 * Works on a run until it has ended or waits for a person. Mostly it waits for models and tools, hence many at once. An
 * hour is the most that an agent may be given; what is over is for the tool that was under way.
 */
export const runAgent = defineJob({
  name: 'agents.run',
  version: 1,
  payload: z.object({ runId: Id }),
  result: z.object({
    runId: Id,
    state: z
      .enum(['waiting', 'succeeded', 'failed', 'cancelled'])
      .describe('`waiting`: for a person; another job goes on when they have decided.'),
  }),
  concurrency: 10,
  timeLimitSeconds: 4_000,
})
