import type { PgBoss, UpdateQueueOptions } from 'pg-boss'
import type { JobDefinition } from './job-definition.ts'
import { DUE_QUEUE } from './schedules.ts'

/** Where jobs end up that were given up; nobody works on it. */
export const DEAD_LETTERS = 'dead-letters'

const DAY_SECONDS = 86_400
/** Jobs that nobody fetches, and dead letters that nobody drives again, are kept for so long. */
const KEEP_SECONDS = 30 * DAY_SECONDS
/** What pg-boss keeps of jobs that ended; what people see is kept by `retention.ts`. */
const DELETE_AFTER_SECONDS = DAY_SECONDS
const LONGEST_RETRY_PAUSE_SECONDS = 600
/** pg-boss's own limit comes after ours: it is for workers that stand still. */
const EXPIRE_GRACE_SECONDS = 30
/** In this state a queue is worth a warning in the log. */
const LARGE_BACKLOG = 10_000

/** Makes the queues of `definitions`, and brings those that are there in line with what is declared now. */
export async function prepareQueues(boss: PgBoss, definitions: readonly JobDefinition[]): Promise<void> {
  const known = new Map((await boss.getQueues()).map((queue) => [queue.name, queue]))
  if (!known.has(DEAD_LETTERS)) {
    await boss.createQueue(DEAD_LETTERS, { retentionSeconds: KEEP_SECONDS })
  }
  if (!known.has(DUE_QUEUE)) await boss.createQueue(DUE_QUEUE, { retentionSeconds: DAY_SECONDS })
  for (const definition of definitions) {
    const wanted = optionsOf(definition)
    const queue = known.get(definition.name)
    if (queue === undefined) await boss.createQueue(definition.name, { ...wanted, deadLetter: DEAD_LETTERS })
    else if (Object.entries(wanted).some(([name, value]) => Reflect.get(queue, name) !== value)) {
      await boss.updateQueue(definition.name, wanted)
    }
  }
  await meetQueues(boss, [DEAD_LETTERS, DUE_QUEUE, ...definitions.map(({ name }) => name)])
}

/**
 * pg-boss looks a queue up the first time it is used, over another connection than the one it is given: inside a
 * transaction that would wait for a second connection while it holds one, and on an embedded database for itself.
 */
async function meetQueues(boss: PgBoss, names: readonly string[]): Promise<void> {
  for (const name of names) await boss.insert(name, [])
}

function optionsOf(definition: JobDefinition) {
  return {
    retryLimit: definition.retry.limit,
    retryDelay: definition.retry.delaySeconds,
    retryBackoff: true,
    retryDelayMax: LONGEST_RETRY_PAUSE_SECONDS,
    expireInSeconds: definition.timeLimitSeconds + EXPIRE_GRACE_SECONDS,
    heartbeatSeconds: definition.heartbeatSeconds,
    retentionSeconds: KEEP_SECONDS,
    deleteAfterSeconds: DELETE_AFTER_SECONDS,
    warningQueueSize: LARGE_BACKLOG,
  } satisfies UpdateQueueOptions
}
