import type { PgBoss } from 'pg-boss'
import { type Database, query, transaction } from '../database/index.ts'
import type { Logger } from '../logger.ts'
import { BOSS_SCHEMA } from './boss.ts'
import type { ClaimedJob } from './claimed-job.ts'
import { changeJobs } from './job-changes.ts'
import type { JobDefinition } from './job-definition.ts'
import { giveUp } from './settle.ts'

/** What claiming needs. */
export interface ClaimParts {
  readonly boss: PgBoss
  readonly database: Database
  readonly logger: Logger
}

/** What our row knows of a job that begins. */
interface BegunJob {
  readonly id: string
  readonly version: number
  readonly ownerId: string | null
  readonly traceId: string
}

/** Notes that attempts begin, in pg-boss's own statement `fetch`. Jobs with no row, or one that ended, have no version. */
function beginning(fetch: string): string {
  return changeJobs({
    after: `fetched AS (${fetch})`,
    set: `state = 'running', attempt = i."retryCount" + 1, singleton_key = NULL, error = NULL,
      progress_current = NULL, progress_total = NULL, started_at = coalesce(j.started_at, now())`,
    from: 'fetched i',
    where: `j.id = i.id AND j.attempt < i."retryCount" + 1 AND j.state IN ('queued', 'running')`,
    returning: 'fetched.*, changed.version, changed.owner_id AS "ownerId", changed.trace_id AS "traceId"',
    among: 'fetched LEFT JOIN changed ON changed.id = fetched.id',
  })
}

/** Takes up to `count` jobs of `definition` for this process: one statement, however many they are. */
export async function claimJobs(
  { boss, database, logger }: ClaimParts,
  definition: JobDefinition,
  count: number,
): Promise<ClaimedJob[]> {
  const begun = new Map<string, BegunJob>()
  const executeSql = async (text: string, values?: unknown[]) => {
    const { rows } = await database.pool.query<BegunJob | { id: string; version: null }>(
      beginning(text),
      values,
    )
    for (const row of rows) if (row.version !== null) begun.set(row.id, row)
    return { rows }
  }
  const options = { batchSize: count, includeMetadata: true, db: { executeSql } } as const
  const fetched = await boss.fetch<unknown>(definition.name, options)
  const claimed: ClaimedJob[] = []
  for (const { id, retryCount, retryLimit, data } of fetched) {
    const row = begun.get(id)
    const attempt = { id, definition, retryCount, attempt: retryCount + 1, last: retryCount >= retryLimit }
    if (row !== undefined) {
      const { version, ownerId, traceId } = row
      claimed.push({ ...attempt, ...contentsOf(data), version, ownerId, traceId })
      continue
    }
    // Somebody meddled with the tables, or a row was pruned too early.
    const orphan = { ...attempt, data, cause: undefined, version: 0, ownerId: null, traceId: '' }
    const failure = { state: 'dead', error: 'There is no row for this job.', progress: undefined } as const
    // One that was cancelled at this moment is nobody's any more.
    if (!(await transaction(database, (tx) => giveUp(boss, tx, orphan, failure)))) continue
    logger.error('a queued job without a row was put aside', { job: definition.name, id })
  }
  return claimed
}

function contentsOf(data: unknown): Pick<ClaimedJob, 'data' | 'cause'> {
  if (!(data instanceof Object)) return { data: undefined, cause: undefined }
  const cause = 'traceparent' in data && typeof data.traceparent === 'string' ? data.traceparent : undefined
  return { data: 'payload' in data ? data.payload : undefined, cause }
}

// Asked every second: the order is that of pg-boss's index for fetching, so that it is read there, queue by queue,
// however many jobs or dead letters wait. `EXISTS` would have all of them read and hashed.
const READY = `SELECT q.name FROM unnest($1::text[]) AS q(name) CROSS JOIN LATERAL (
  SELECT FROM ${BOSS_SCHEMA}.job j
  WHERE j.name = q.name AND j.state < 'active' AND NOT j.blocked AND j.start_after <= now()
  ORDER BY j.priority DESC, j.created_on LIMIT 1) ready`

/** Which of these queues have a job that may run now. */
export async function readyQueues(
  database: Pick<Database, 'pool'>,
  queues: readonly string[],
): Promise<string[]> {
  const rows = await query<{ name: string }>(database, { name: 'jobs.ready', text: READY, values: [queues] })
  return rows.map(({ name }) => name)
}
