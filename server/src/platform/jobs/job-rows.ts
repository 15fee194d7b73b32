import type { Tx } from '../database/index.ts'
import type { JobProgress } from './claimed-job.ts'
import { changeJobs } from './job-changes.ts'
import type { JobCause } from './job-queue.ts'
import type { NewJob } from './new-job.ts'

/**
 * Writes the rows of new jobs and returns the ids of those that may be queued: all but the ones whose singleton key
 * waits already.
 */
export async function insertJobs(tx: Tx, jobs: readonly NewJob[], cause: JobCause): Promise<Set<string>> {
  const { text, values } = insertion(jobs, cause, 1)
  const inserted = await tx.$queryRawUnsafe<{ id: string }[]>(text, ...values)
  return new Set(inserted.map(({ id }) => id))
}

/** The statement that inserts the rows of new jobs, with its parameters numbered from `first` on. */
export function insertion(
  jobs: readonly NewJob[],
  cause: JobCause,
  first: number,
): { readonly text: string; readonly values: readonly string[] } {
  const rows = jobs.map(({ id, definition, options }) => ({
    id,
    name: definition.name,
    version: definition.version,
    owner: options.ownerId === undefined ? cause.ownerId : options.ownerId,
    key: options.singletonKey ?? null,
  }))
  const text = `INSERT INTO jobs (id, name, version, owner_id, singleton_key, trace_id)
    SELECT id, name, version, owner, key, $${first}::text
    FROM json_to_recordset($${first + 1}::text::json)
      AS row(id uuid, name text, version int, owner uuid, key text)
    ON CONFLICT DO NOTHING RETURNING id`
  return { text, values: [cause.traceId, JSON.stringify(rows)] }
}

/** A job with what its attempt came to. */
export interface JobEnd {
  readonly id: string
  /** Kept as it was when undefined. */
  readonly progress: JobProgress | undefined
}

const FAIL = changeJobs({
  set: `state = $2::job_state, error = $3, finished_at = CASE WHEN $2 = 'queued' THEN NULL ELSE now() END,
    progress_current = coalesce($4::int, j.progress_current), progress_total = coalesce($5::int, j.progress_total)`,
  where: 'j.id = $1::uuid',
  returning: 'id',
})

/** Notes a failed attempt, and whether the job waits for another (`queued`) or has ended. */
export async function markFailed(
  tx: Tx,
  job: JobEnd & { readonly state: 'queued' | 'failed' | 'dead'; readonly error: string },
): Promise<void> {
  const { id, state, error, progress } = job
  await tx.$queryRawUnsafe(FAIL, id, state, error, progress?.current ?? null, progress?.total ?? null)
}

const PROGRESS = changeJobs({
  set: 'progress_current = i.current, progress_total = i.total',
  from: 'unnest($1::uuid[], $2::int[], $3::int[], $4::int[]) AS i(id, attempt, current, total)',
  where: `j.id = i.id AND j.attempt = i.attempt AND j.state = 'running'`,
  returning: 'id',
})

/** How far an attempt is. */
export interface AttemptProgress extends JobProgress {
  readonly id: string
  readonly attempt: number
}

/** Notes progress, of attempts that are still the current ones. */
export async function markProgress(tx: Tx, attempts: readonly AttemptProgress[]): Promise<void> {
  await tx.$queryRawUnsafe(
    PROGRESS,
    attempts.map(({ id }) => id),
    attempts.map(({ attempt }) => attempt),
    attempts.map(({ current }) => current),
    attempts.map(({ total }) => total),
  )
}
