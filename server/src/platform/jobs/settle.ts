import type { PgBoss } from 'pg-boss'
import { z } from 'zod'
import type { NamedQuery, Prisma, Tx } from '../database/index.ts'
import { BOSS_SCHEMA, within } from './boss.ts'
import type { AttemptKey, ClaimedJob } from './claimed-job.ts'
import { changeJobs } from './job-changes.ts'
import { type JobEnd, markFailed } from './job-rows.ts'

/** pg-boss types what its commands answer as an empty object. */
const Answer = z.object({ settled: z.array(z.string()) })

/** A success of an attempt. */
export interface Success extends AttemptKey, JobEnd {
  readonly queue: string
  readonly result: Prisma.InputJsonValue
}

/** What `boss.complete` does, fenced by the attempt, and our rows in the same statement. */
const SUCCEED = changeJobs({
  after: `given AS (
      SELECT * FROM unnest($1::text[], $2::uuid[], $3::int[], $4::text[], $5::int[], $6::int[])
        AS i(queue, id, retry_count, result, current, total)
    ), held AS (
      UPDATE ${BOSS_SCHEMA}.job b SET state = 'completed', completed_on = ${BOSS_SCHEMA}.job_now()
      FROM given i WHERE b.name = i.queue AND b.id = i.id AND b.state = 'active' AND b.retry_count = i.retry_count
      RETURNING i.id, i.result, i.current, i.total
    )`,
  set: `state = 'succeeded', result = i.result::jsonb, error = NULL, finished_at = now(),
    progress_current = coalesce(i.current, j.progress_current), progress_total = coalesce(i.total, j.progress_total)`,
  from: 'held i',
  where: 'j.id = i.id',
  returning: 'held.id',
  among: 'held',
})

/**
 * The statement that ends jobs as succeeded and answers with the ids of those that were still held by their attempts:
 * all others were given to another attempt or cancelled, and nothing is written for them.
 */
export function successes(jobs: readonly Success[]): NamedQuery {
  const values = [
    jobs.map(({ queue }) => queue),
    jobs.map(({ id }) => id),
    jobs.map(({ retryCount }) => retryCount),
    jobs.map(({ result }) => JSON.stringify(result)),
    jobs.map(({ progress }) => progress?.current ?? null),
    jobs.map(({ progress }) => progress?.total ?? null),
  ]
  return { name: 'jobs.succeed', text: SUCCEED, values }
}

/** Ends a job as succeeded in `tx`; false when it was not the attempt's any more and nothing was written. */
export async function succeed(tx: Tx, job: Success): Promise<boolean> {
  const { text, values } = successes([job])
  const held = await tx.$queryRawUnsafe<{ id: string }[]>(text, ...values)
  return held.length > 0
}

/** How an attempt failed. */
export interface Failure {
  /** `queued`: it may be tried again, if it has attempts left. */
  readonly state: 'queued' | 'failed' | 'dead'
  /** For the job's owner. */
  readonly error: string
  readonly progress: { readonly current: number; readonly total: number } | undefined
}

/** Ends an attempt in `tx` as failed; false when the job was not its own any more and nothing was written. */
export async function giveUp(boss: PgBoss, tx: Tx, job: ClaimedJob, failure: Failure): Promise<boolean> {
  const { id, retryCount, definition, last } = job
  const state = failure.state === 'queued' && last ? 'dead' : failure.state
  if (state !== 'queued') await allowNoRetry(tx, job, state)
  const output = { message: failure.error }
  const answer = await boss.fail(definition.name, { id, retryCount }, output, within(tx))
  if (Answer.parse(answer).settled.length === 0) return false
  await markFailed(tx, { id, state, error: failure.error, progress: failure.progress })
  return true
}

/** Gives a job back in `tx` that did not end through no fault of its own: the attempt does not count as one. */
export async function giveBack(boss: PgBoss, tx: Tx, job: ClaimedJob, error: string): Promise<boolean> {
  await tx.$executeRawUnsafe(
    `UPDATE ${BOSS_SCHEMA}.job SET retry_limit = retry_limit + 1
     WHERE name = $1 AND id = $2::uuid AND state = 'active' AND retry_count = $3::int`,
    job.definition.name,
    job.id,
    job.retryCount,
  )
  return await giveUp(boss, tx, { ...job, last: false }, { state: 'queued', error, progress: undefined })
}

/** pg-boss retries what has retries left; only a job that could be done some day is worth a dead letter. */
async function allowNoRetry(tx: Tx, job: ClaimedJob, state: 'failed' | 'dead'): Promise<void> {
  await tx.$executeRawUnsafe(
    `UPDATE ${BOSS_SCHEMA}.job SET retry_limit = retry_count,
       dead_letter = CASE WHEN $4 = 'failed' THEN NULL ELSE dead_letter END
     WHERE name = $1 AND id = $2::uuid AND state = 'active' AND retry_count = $3::int`,
    job.definition.name,
    job.id,
    job.retryCount,
    state,
  )
}
