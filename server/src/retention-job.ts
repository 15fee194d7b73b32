import { z } from 'zod'
import { handleJob } from './contract/job.ts'
import type { Sweeper } from './platform/database/index.ts'
import { defineJob } from './platform/jobs/job-definition.ts'

/** Deletes once an hour what has had its time. */
export const retentionSweep = defineJob({
  name: 'retention.sweep',
  version: 1,
  payload: z.strictObject({}),
  result: z.object({ rows: z.int().describe('How many had had their time.') }),
  timeLimitSeconds: 1_800,
  schedule: { cron: '17 * * * *', payload: {} },
  concurrency: 1,
})

/** Shorter than the time limit: what a busy hour left over is for the next one. */
const WITHIN_MS = 25 * 60_000

/** Does {@link retentionSweep}. */
export const handleRetentionSweep = (sweeper: Sweeper) =>
  handleJob(retentionSweep, async ({ signal }) => ({
    rows: await sweeper.sweep({ signal, withinMs: WITHIN_MS }),
  }))
