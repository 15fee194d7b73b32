import { type Database, query } from '../database/index.ts'
import type { Bus } from '../events/bus.ts'
import { BOSS_SCHEMA } from './boss.ts'
import { changeJobs } from './job-changes.ts'
import { jobsChanged } from './job-stream.ts'
import { DEAD_LETTERS } from './queues.ts'

// Compared by attempt, so that a row that begins again meanwhile is left alone.
const TAKEN_BACK = changeJobs({
  set: `state = CASE WHEN p.state = 'failed' THEN 'dead' ELSE 'queued' END::job_state,
    finished_at = CASE WHEN p.state = 'failed' THEN now() END, error = 'The worker that did it fell silent.'`,
  from: `${BOSS_SCHEMA}.job p`,
  where: `p.name = j.name AND p.id = j.id AND j.state = 'running' AND p.state IN ('retry', 'failed')
    AND j.attempt = p.retry_count + 1`,
  returning: 'id',
})

// The pause before a retry is for what failed; a worker's death says nothing about the job.
const AT_ONCE = `UPDATE ${BOSS_SCHEMA}.job p SET start_after = now() FROM jobs j
  WHERE p.name = j.name AND p.id = j.id AND j.state = 'running' AND p.state = 'retry' AND p.start_after > now()
    AND j.attempt = p.retry_count + 1`

// By the index that pg-boss fetches by: with all dead letters of a month, all jobs of that month would be read.
const NEVER_BEGUN = changeJobs({
  set: `state = 'dead', singleton_key = NULL, finished_at = now(), error = 'It ended the process that took it.'`,
  from: `${BOSS_SCHEMA}.job d`,
  where: `d.name = '${DEAD_LETTERS}' AND d.state < 'active' AND NOT d.blocked AND d.priority = 0
    AND d.created_on > now() - $1::interval AND d.source_id = j.id AND j.state IN ('queued', 'running')`,
  returning: 'id',
})

/**
 * Says what became of jobs that pg-boss took away from silent workers: nobody else was there to write it down. Those
 * that may be tried again are tried at once.
 * Touches running jobs and the dead letters of the last `window` only (an SQL interval), however long the queue is.
 */
export async function noteLeftBehind(
  database: Pick<Database, 'pool'>,
  bus: Pick<Bus, 'publish'>,
  window: string,
): Promise<void> {
  await query(database, { name: 'jobs.atOnce', text: AT_ONCE, values: [] })
  for (const statement of [
    { name: 'jobs.takenBack', text: TAKEN_BACK, values: [] },
    { name: 'jobs.neverBegun', text: NEVER_BEGUN, values: [window] },
  ]) {
    const rows = await query<{ id: string }>(database, statement)
    // Followers elsewhere find it at their next look.
    for (const { topic, payload } of jobsChanged(rows.map(({ id }) => id))) bus.publish(topic, payload)
  }
}
