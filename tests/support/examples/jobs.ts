import { transaction } from '../../../server/src/platform/database/index.ts'
import { newId } from '../../../server/src/platform/ids.ts'
import { newJob } from '../../../server/src/platform/jobs/new-job.ts'
import { retentionSweep } from '../../../server/src/retention-job.ts'
import type { PrincipalName } from '../principals.ts'
import type { World } from '../world.ts'
import type { ExampleFactory } from './example.ts'

/** Examples of `jobs.*`. */
export const jobExamples: Record<string, ExampleFactory> = {
  'jobs.get': async (world, caller) => ({ input: { id: await doneJob(world, caller) } }),
  'jobs.list': async () => ({ input: { limit: 5, state: 'succeeded', name: 'test.done' } }),
  'jobs.cancel': async (world, caller) => ({ input: { id: await waitingJob(world, caller) } }),
  'jobs.retry': async (world, caller) => {
    const id = await waitingJob(world, caller)
    const { pool } = world.server.database
    await pool.query(`UPDATE pgboss.job SET state = 'failed' WHERE id = $1`, [id])
    await pool.query(`UPDATE jobs SET state = 'dead' WHERE id = $1`, [id])
    return { input: { id } }
  },
  'jobs.onProgress': async (world, caller) => ({ input: { id: await waitingJob(world, caller) } }),
}

async function doneJob(world: World, caller: PrincipalName): Promise<string> {
  const { id } = await world.server.database.prisma.job.create({
    data: {
      id: newId(),
      name: 'test.done',
      version: 1,
      ownerId: ownerOf(world, caller),
      state: 'succeeded',
      attempt: 1,
      progressCurrent: 2,
      progressTotal: 2,
      result: { rows: 1 },
      traceId: 'test',
      startedAt: new Date(),
      finishedAt: new Date(),
    },
    select: { id: true },
  })
  return id
}

/** A job of the caller's that does not begin while the test runs. */
async function waitingJob(world: World, caller: PrincipalName): Promise<string> {
  const { runtime } = world.server.app
  const job = newJob(retentionSweep, {}, { startAfter: new Date(Date.now() + 3_600_000) })
  await transaction(runtime.database, (tx) =>
    runtime.jobs.enqueue(tx, [job], { ownerId: ownerOf(world, caller), traceId: 'test' }),
  )
  return job.id
}

function ownerOf(world: World, caller: PrincipalName): string | null {
  const { id } = world.principals[caller]
  return id === '' ? null : id
}
