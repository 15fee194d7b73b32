import { type Database, type Prisma, query, type Tx } from '../database/index.ts'
import type { AttemptKey, JobProgress } from './claimed-job.ts'
import { changeJobs } from './job-changes.ts'
import type { JobCause } from './job-queue.ts'
import type { NewJob } from './new-job.ts'

/**
 * Writes the rows of new jobs and returns the ids of those that may be queued: all but the ones whose singleton key
 * waits already.
 */
export async function insertJobs(tx: Tx, jobs: readonly NewJob[], cause: JobCause): Promise<Set<string>> {
  const rows = jobs.map(({ id, definition, options }) => ({
    id,
    name: definition.name,
    version: definition.version,
    owner: options.ownerId === undefined ? cause.ownerId : options.ownerId,
    key: options.singletonKey ?? null,
  }))
  const inserted = await tx.$queryRaw<{ id: string }[]>`
    INSERT INTO jobs (id, name, version, owner_id, singleton_key, trace_id)
    SELECT id, name, version, owner, key, ${cause.traceId}
    FROM json_to_recordset(${JSON.stringify(rows)}::text::json)
      AS row(id uuid, name text, version int, owner uuid, key text)
    ON CONFLICT DO NOTHING RETURNING id`
  return new Set(inserted.map(({ id }) => id))
}

/** What our row knows of a job that begins. */
export interface BegunJob {
  readonly id: string
  readonly version: number
  readonly ownerId: string | null
  readonly traceId: string
}

const BEGIN = changeJobs({
  set: `state = 'running', attempt = i.attempt, singleton_key = NULL, error = NULL,
    progress_current = NULL, progress_total = NULL, started_at = coalesce(j.started_at, now())`,
  from: 'unnest($1::uuid[], $2::int[]) AS i(id, attempt)',
  where: `j.id = i.id AND j.attempt < i.attempt AND j.state IN ('queued', 'running')`,
  returning: 'id, version, owner_id AS "ownerId", trace_id AS "traceId"',
})

/** Notes that these attempts begin. Jobs that are not in the answer have no row, or one that ended. */
export function beginJobs(
  database: Pick<Database, 'pool'>,
  attempts: readonly AttemptKey[],
): Promise<BegunJob[]> {
  const values = [attempts.map(({ id }) => id), attempts.map(({ retryCount }) => retryCount + 1)]
  return query<BegunJob>(database, { name: 'jobs.begin', text: BEGIN, values })
}

/** A job with what its attempt came to. */
export interface JobEnd {
  readonly id: string
  /** Kept as it was when undefined. */
  readonly progress: JobProgress | undefined
}

/** One that succeeded. */
export interface JobSuccess extends JobEnd {
  readonly result: Prisma.InputJsonValue
}

const SUCCEED = changeJobs({
  set: `state = 'succeeded', result = i.result::jsonb, error = NULL, finished_at = now(),
    progress_current = coalesce(i.current, j.progress_current), progress_total = coalesce(i.total, j.progress_total)`,
  from: 'unnest($1::uuid[], $2::text[], $3::int[], $4::int[]) AS i(id, result, current, total)',
  where: 'j.id = i.id',
  returning: 'id',
})

/** Notes successes. The queue has said before that the jobs are still those of the attempts. */
export async function markSucceeded(tx: Tx, jobs: readonly JobSuccess[]): Promise<void> {
  await tx.$queryRawUnsafe(
    SUCCEED,
    jobs.map(({ id }) => id),
    jobs.map(({ result }) => JSON.stringify(result)),
    jobs.map(({ progress }) => progress?.current ?? null),
    jobs.map(({ progress }) => progress?.total ?? null),
  )
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
