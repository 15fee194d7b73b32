import type { PgBoss } from 'pg-boss'
import { z } from 'zod'
import type { Tx } from '../database/index.ts'
import { BOSS_SCHEMA, within } from './boss.ts'
import type { AttemptKey, ClaimedJob } from './claimed-job.ts'
import { type JobSuccess, markFailed, markSucceeded } from './job-rows.ts'

/** pg-boss types what its commands answer as an empty object. */
const Answer = z.object({ settled: z.array(z.string()) })

/** A success of an attempt. */
export type Success = JobSuccess & AttemptKey

/**
 * Ends jobs of one queue in `tx` as succeeded and returns the ids of those that were still held by their attempts: all
 * others were given to another attempt or cancelled, and nothing is written for them.
 */
export async function succeed(
  boss: PgBoss,
  tx: Tx,
  queue: string,
  jobs: readonly Success[],
): Promise<Set<string>> {
  const attempts = jobs.map(({ id, retryCount }) => ({ id, retryCount }))
  const held = new Set(Answer.parse(await boss.complete(queue, attempts, null, within(tx))).settled)
  const done = jobs.filter(({ id }) => held.has(id))
  if (done.length > 0) await markSucceeded(tx, done)
  return held
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
