import type { PgBoss } from 'pg-boss'
import type { Tx } from '../database/index.ts'
import { traceparent } from '../telemetry/index.ts'
import { within } from './boss.ts'
import type { JobCause } from './job-queue.ts'
import { insertion, insertJobs } from './job-rows.ts'
import type { NewJob } from './new-job.ts'

/**
 * Writes new jobs into our table and into pg-boss's, inside `tx`: one statement per queue, and one more when jobs have
 * singleton keys, of which only those go to pg-boss that none waits with.
 */
export async function enqueueJobs(
  boss: PgBoss,
  tx: Tx,
  jobs: readonly NewJob[],
  cause: JobCause,
): Promise<void> {
  const parent = traceparent()
  const keyed = jobs.filter(({ options }) => options.singletonKey !== undefined)
  const written = keyed.length === 0 ? new Set<string>() : await insertJobs(tx, keyed, cause)
  const queues = Map.groupBy(
    jobs.filter(({ id, options }) => options.singletonKey === undefined || written.has(id)),
    ({ definition }) => definition.name,
  )
  for (const [queue, batch] of queues) {
    const unwritten = batch.filter(({ id }) => !written.has(id))
    await boss.insert(
      queue,
      batch.map(({ id, payload, options }) => ({
        id,
        data: parent === undefined ? { payload } : { payload, traceparent: parent },
        ...(options.startAfter === undefined ? {} : { startAfter: options.startAfter.toISOString() }),
      })),
      unwritten.length === 0 ? within(tx) : together(tx, unwritten, cause),
    )
  }
}

/** Has pg-boss's one statement write our rows too: its INSERT goes behind a CTE with ours. */
function together(tx: Tx, jobs: readonly NewJob[], cause: JobCause): ReturnType<typeof within> {
  const { db } = within(tx)
  return {
    db: {
      executeSql(text, values = []) {
        const rows = insertion(jobs, cause, values.length + 1)
        return db.executeSql(`WITH our_rows AS (${rows.text}) ${text}`, [...values, ...rows.values])
      },
    },
  }
}
