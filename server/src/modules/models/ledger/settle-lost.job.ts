import { z } from 'zod'
import { handleJob, type JobHandler } from '../../../contract/job.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Database } from '../../../platform/database/index.ts'
import { defineJob } from '../../../platform/jobs/job-definition.ts'
import { priced } from './ledger.ts'
import { findLost, settleIn } from './settle.repository.ts'

/** Gives back what calls hold whose process died. */
const settleLost = defineJob({
  name: 'models.settle-lost',
  version: 1,
  payload: z.strictObject({}),
  result: z.object({ calls: z.int().describe('How many were settled.') }),
  timeLimitSeconds: 240,
  schedule: { cron: '*/5 * * * *', payload: {} },
  concurrency: 1,
})

/** By then whoever knows what was received (a reply, a run) has settled it. */
const MARGIN_MS = 10 * 60_000
const BATCH = 200

/** What the job needs. */
export interface SettleLostDeps {
  readonly database: Database
  readonly clock: Clock
  /** The longest a call may take. */
  readonly totalTimeoutMs: number
}

/**
 * Does {@link settleLost}: calls that nobody settled long after their time was up are settled with the input as we
 * counted it, which their provider has charged, and no output.
 */
export function createSettleLost({ database, clock, totalTimeoutMs }: SettleLostDeps): JobHandler {
  return handleJob(settleLost, async ({ signal }) => {
    const begunBefore = new Date(clock.now().getTime() - totalTimeoutMs - MARGIN_MS)
    let calls = 0
    for (;;) {
      const lost = await findLost(database.prisma, begunBefore, BATCH)
      for (const entry of lost) {
        signal.throwIfAborted()
        if (await settleIn(database.prisma, entry.id, priced(entry, 0), clock.now())) calls += 1
      }
      if (lost.length < BATCH) return { calls }
    }
  })
}
