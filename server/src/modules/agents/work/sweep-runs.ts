import { z } from 'zod'
import { announceChange, type CollectedChange, collectChange, writeChange } from '../../../contract/change.ts'
import { handleJob, type JobHandler } from '../../../contract/job.ts'
import { type Database, query, transaction, whenInDoubt } from '../../../platform/database/index.ts'
import { defineJob } from '../../../platform/jobs/job-definition.ts'
import { endRun, type RunEnd } from '../runs/end-run.ts'
import type { WorkParts } from './run-work.ts'

/** Ends runs that nobody works on any more: their job ended without them, or nobody decided on their calls. */
export const sweepRuns = defineJob({
  name: 'agents.sweep',
  version: 1,
  payload: z.strictObject({}),
  result: z.object({ runs: z.int().describe('How many it ended.') }),
  schedule: { cron: '* * * * *', payload: {} },
  concurrency: 1,
})

const MOST_AT_ONCE = 200
/** People go on holiday; agreements of long ago are for a world that is no more. */
const MOST_WAITING = '7 days'

interface Stray {
  readonly id: string
  readonly state: 'waiting' | 'running' | 'queued'
  readonly jobState: string | null
  readonly error: string | null
}

// A job that succeeded has written how its run stands before.
const STRAYS = `
  SELECT r.id, r.state::text AS state, j.state::text AS "jobState", j.error
  FROM agent_runs r LEFT JOIN jobs j ON j.id = r.job_id
  WHERE r.finished_at IS NULL AND (
    (r.state = 'waiting' AND r.waiting_since < now() - $1::interval)
    OR (r.state IN ('queued', 'running') AND (j.id IS NULL OR j.state IN ('failed', 'cancelled', 'dead')))
  )
  ORDER BY r.id LIMIT ${MOST_AT_ONCE}`

/** Does {@link sweepRuns}. */
export function createSweepRuns(parts: WorkParts): JobHandler {
  return handleJob(sweepRuns, async ({ signal }) => {
    const strays = await findStrays(parts.database)
    let runs = 0
    for (const stray of strays) {
      signal.throwIfAborted()
      if (await endStray(parts, stray)) runs += 1
    }
    return { runs }
  })
}

async function findStrays(database: Database): Promise<Stray[]> {
  return await query<Stray>(database, { name: 'agents.strays', text: STRAYS, values: [MOST_WAITING] })
}

/** Ends a run, unless it went on meanwhile. */
async function endStray({ database, bus, jobs, clock }: WorkParts, stray: Stray): Promise<boolean> {
  let attempted: CollectedChange | undefined
  const change = await transaction(database, async (db) => {
    const held = await db.$queryRaw<unknown[]>`
      SELECT r.id FROM agent_runs r LEFT JOIN jobs j ON j.id = r.job_id
      WHERE r.id = ${stray.id}::uuid AND r.state::text = ${stray.state}
        AND j.state::text IS NOT DISTINCT FROM ${stray.jobState}
      FOR UPDATE OF r`
    if (held.length === 0) return undefined
    const collected = collectChange(db)
    attempted = collected
    await endRun(collected, stray.id, endOf(stray), clock.now())
    const request = {
      traceId: '',
      surface: 'job' as const,
      ip: undefined,
      userAgent: undefined,
      roundTrips: 0,
    }
    await writeChange({ bus, jobs: jobs() }, collected, { actor: null, action: 'agents.sweep', request })
    return collected
  }).catch(
    whenInDoubt(() => {
      if (attempted !== undefined) announceChange({ bus, jobs: jobs() }, attempted)
    }),
  )
  if (change !== undefined) announceChange({ bus, jobs: jobs() }, change)
  return change !== undefined
}

function endOf({ state, jobState, error }: Stray): RunEnd {
  if (state === 'waiting')
    return {
      state: 'cancelled',
      code: 'APPROVAL_EXPIRED',
      message: 'Nobody decided on its calls within 7 days.',
    }
  if (jobState === 'cancelled')
    return { state: 'cancelled', code: 'JOB_CANCELLED', message: 'Its job was cancelled.' }
  return { state: 'failed', code: 'JOB_ENDED', message: error ?? 'Its job is gone.' }
}
