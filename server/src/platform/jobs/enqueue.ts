import type { PgBoss } from 'pg-boss'
import type { Tx } from '../database/index.ts'
import { traceparent } from '../telemetry/index.ts'
import { within } from './boss.ts'
import type { JobCause } from './job-queue.ts'
import { insertJobs } from './job-rows.ts'
import type { NewJob } from './new-job.ts'

/** Writes new jobs into our table and into pg-boss's, inside `tx`: one statement, and one more per queue. */
export async function enqueueJobs(
  boss: PgBoss,
  tx: Tx,
  jobs: readonly NewJob[],
  cause: JobCause,
): Promise<void> {
  const parent = traceparent()
  const wanted = await insertJobs(tx, jobs, cause)
  const queues = Map.groupBy(
    jobs.filter((job) => wanted.has(job.id)),
    (job) => job.definition.name,
  )
  for (const [queue, batch] of queues) {
    await boss.insert(
      queue,
      batch.map(({ id, payload, options }) => ({
        id,
        data: parent === undefined ? { payload } : { payload, traceparent: parent },
        ...(options.startAfter === undefined ? {} : { startAfter: options.startAfter.toISOString() }),
      })),
      within(tx),
    )
  }
}
