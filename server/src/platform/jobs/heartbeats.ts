import type { PgBoss } from 'pg-boss'
import { z } from 'zod'
import type { Logger } from '../logger.ts'
import type { Attempt } from './attempt.ts'

/** Tells the queue that this process is alive, and learns from it which jobs are not its own any more. */
export interface Heartbeats {
  start(): void
  close(): void
}

/** A third of the shortest silence that is taken for death. */
const EVERY_MS = 3_000

const Answer = z.object({ settled: z.array(z.string()) })

/** Builds the heartbeats of `attempts`: one statement per queue. */
export function createHeartbeats(boss: PgBoss, attempts: ReadonlySet<Attempt>, logger: Logger): Heartbeats {
  let timer: NodeJS.Timeout | undefined
  const beating = new Set<string>()

  const beat = async (queue: string, held: readonly Attempt[]): Promise<void> => {
    const claims = held.map(({ job: { id, retryCount } }) => ({ id, retryCount }))
    const alive = new Set(Answer.parse(await boss.touch(queue, claims)).settled)
    for (const attempt of held) {
      // One that ended meanwhile is not among the attempts any more.
      if (!alive.has(attempt.job.id) && attempts.has(attempt)) attempt.abort('lost')
    }
  }

  return {
    start() {
      timer = setInterval(() => {
        const queues = Map.groupBy(attempts, ({ job }) => job.definition.name)
        for (const [queue, held] of queues) {
          if (beating.has(queue)) continue
          beating.add(queue)
          beat(queue, held)
            // A heartbeat that could not be sent says nothing about the claim.
            .catch((error: unknown) =>
              logger.warn('a heartbeat of jobs could not be sent', { job: queue, error }),
            )
            .finally(() => beating.delete(queue))
        }
      }, EVERY_MS)
    },
    close: () => clearInterval(timer),
  }
}
