import type { PgBoss } from 'pg-boss'
import { type Database, query, transaction } from '../database/index.ts'
import type { Logger } from '../logger.ts'
import { BOSS_SCHEMA } from './boss.ts'
import type { ClaimedJob } from './claimed-job.ts'
import type { JobDefinition } from './job-definition.ts'
import { beginJobs } from './job-rows.ts'
import { giveUp } from './settle.ts'

/** What claiming needs. */
export interface ClaimParts {
  readonly boss: PgBoss
  readonly database: Database
  readonly logger: Logger
}

/** Takes up to `count` jobs of `definition` for this process: two statements, however many they are. */
export async function claimJobs(
  { boss, database, logger }: ClaimParts,
  definition: JobDefinition,
  count: number,
): Promise<ClaimedJob[]> {
  const fetched = await boss.fetch<unknown>(definition.name, { batchSize: count, includeMetadata: true })
  if (fetched.length === 0) return []
  const begun = new Map((await beginJobs(database, fetched)).map((row) => [row.id, row]))
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
