import { setTimeout as delay } from 'node:timers/promises'
import type { PostgresCluster } from '../machine/postgres-cluster.ts'

interface JobRow {
  readonly id: string
  readonly name: string
  readonly state: string
  readonly attempt: number
  readonly error: string | null
}

/**
 * Waits until no job waits or runs.
 * @returns those that do not end, and those that ended otherwise than well without being among `dead`
 */
export async function untilJobsAreDone(
  postgres: Pick<PostgresCluster, 'query'>,
  withinMs: number,
  dead: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const rows = await postgres.query<JobRow>(
      "SELECT id, name, state::text, attempt, error FROM jobs WHERE state <> 'succeeded'",
    )
    const open = rows.filter(({ state }) => state === 'queued' || state === 'running')
    if (open.length === 0 || Date.now() > deadline) {
      const unexpected = rows.filter(
        ({ id, state }) => !(dead.has(id) && (state === 'dead' || state === 'failed')),
      )
      return unexpected.map(
        ({ name, state, attempt, error }) => `a job ${name} is ${state} at attempt ${attempt}: ${error}`,
      )
    }
    await delay(200)
  }
}
