import type { PgBoss } from 'pg-boss'
import { z } from 'zod'
import type { Tx } from '../database/index.ts'
import { BOSS_SCHEMA, within } from './boss.ts'
import { changeJobs } from './job-changes.ts'
import type { JobDefinition } from './job-definition.ts'
import { DEAD_LETTERS } from './queues.ts'

/** Which job. */
export interface JobRef {
  readonly id: string
  readonly name: string
}

/** Steers single jobs, inside a transaction. Who may do that is for the caller to know. */
export interface JobControl {
  /** Ends a job that has not ended; false when it has. Whoever runs it has to be told. */
  cancel(tx: Tx, job: JobRef): Promise<boolean>
  /** Queues a job again that failed or is dead, with a fresh set of attempts; false when it is neither. */
  retry(tx: Tx, job: JobRef): Promise<boolean>
}

const Affected = z.object({ affected: z.number() })

const CANCEL = changeJobs({
  set: `state = 'cancelled', singleton_key = NULL, finished_at = now()`,
  where: `j.id = $1::uuid AND j.state IN ('queued', 'running')`,
  returning: 'id',
})

const QUEUE_AGAIN = changeJobs({
  set: `state = 'queued', error = NULL, finished_at = NULL, progress_current = NULL, progress_total = NULL`,
  where: `j.id = $1::uuid AND j.state IN ('failed', 'dead')`,
  returning: 'id',
})

/** Builds the {@link JobControl}. pg-boss's row comes first everywhere, so that two transactions cannot wait for each other. */
export function createJobControl(boss: PgBoss, definitions: readonly JobDefinition[]): JobControl {
  const retries = new Map(definitions.map(({ name, retry }) => [name, retry.limit]))
  return {
    async cancel(tx, { id, name }) {
      const answer = Affected.parse(await boss.cancel(name, id, within(tx)))
      if (answer.affected === 0) return false
      await tx.$queryRawUnsafe(CANCEL, id)
      return true
    },
    async retry(tx, { id, name }) {
      const limit = retries.get(name)
      if (limit === undefined) return false
      const letters = await tx.$queryRawUnsafe<{ id: string; data: object }[]>(
        `SELECT id, data FROM ${BOSS_SCHEMA}.job WHERE name = $1 AND source_id = $2::uuid`,
        DEAD_LETTERS,
        id,
      )
      const revived = Affected.parse(await boss.retry(name, id, within(tx))).affected > 0
      const [letter] = letters
      if (revived) await renewAttempts(tx, { id, name }, limit)
      // pg-boss keeps jobs that ended for a day, and their dead letters for longer.
      else if (letter === undefined) return false
      else await boss.insert(name, [{ id, data: letter.data }], within(tx))
      if (!revived) await tx.$executeRawUnsafe(`UPDATE jobs SET attempt = 0 WHERE id = $1::uuid`, id)
      for (const { id: copy } of letters) await boss.deleteJob(DEAD_LETTERS, copy, within(tx))
      await tx.$queryRawUnsafe(QUEUE_AGAIN, id)
      return true
    },
  }
}

async function renewAttempts(tx: Tx, { id, name }: JobRef, limit: number): Promise<void> {
  await tx.$executeRawUnsafe(
    `UPDATE ${BOSS_SCHEMA}.job SET retry_limit = retry_count + 1 + $3::int, start_after = greatest(start_after, now()), dead_letter = $4
     WHERE name = $1 AND id = $2::uuid`,
    name,
    id,
    limit,
    DEAD_LETTERS,
  )
}
