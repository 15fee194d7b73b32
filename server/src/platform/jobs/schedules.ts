import type { PgBoss } from 'pg-boss'
import { z } from 'zod'
import { type Database, transaction } from '../database/index.ts'
import type { Bus } from '../events/bus.ts'
import type { Logger } from '../logger.ts'
import { newTraceId } from '../request-context.ts'
import { within } from './boss.ts'
import { enqueueJobs } from './enqueue.ts'
import type { JobDefinition } from './job-definition.ts'
import { JOBS_TOPIC } from './job-queue.ts'
import { newJob } from './new-job.ts'

/** Where pg-boss says that a schedule is due. */
export const DUE_QUEUE = 'schedules'

const Due = z.object({ job: z.string() })
const Answer = z.object({ affected: z.number() })
const MOST_AT_ONCE = 20

/** What schedules need. */
export interface ScheduleParts {
  readonly boss: PgBoss
  readonly database: Pick<Database, 'prisma' | 'pool'>
  readonly bus: Pick<Bus, 'tell' | 'publish'>
  readonly logger: Logger
  readonly definitions: readonly JobDefinition[]
}

/** Brings pg-boss's schedules in line with what is declared. Occurrences missed while nothing ran are made up for once. */
export async function prepareSchedules({ boss, definitions }: ScheduleParts): Promise<void> {
  const known = new Map((await boss.getSchedules(DUE_QUEUE)).map((schedule) => [schedule.key, schedule]))
  for (const { name, schedule } of definitions) {
    if (schedule !== undefined && known.get(name)?.cron !== schedule.cron) {
      await boss.schedule(DUE_QUEUE, schedule.cron, { job: name }, { key: name, tz: 'UTC', missed: 'once' })
    }
    if (schedule !== undefined) known.delete(name)
  }
  for (const key of known.keys()) await boss.unschedule(DUE_QUEUE, key)
}

/**
 * Queues the jobs whose time has come, like any other job. That they were due and that they are queued commits
 * together; while one is still waiting from the last time, no second one is queued.
 */
export async function queueDueJobs(parts: ScheduleParts): Promise<void> {
  const { boss, database, bus, logger, definitions } = parts
  const due = await boss.fetch<unknown>(DUE_QUEUE, { batchSize: MOST_AT_ONCE })
  for (const { id, retryCount, data } of due) {
    const { job: name } = Due.parse(data)
    const definition = definitions.find((known) => known.name === name)
    const messages = [{ topic: JOBS_TOPIC, payload: name }]
    const queued = await transaction(database, async (tx) => {
      const answer = await boss.complete(DUE_QUEUE, { id, retryCount }, null, within(tx))
      if (Answer.parse(answer).affected === 0 || definition?.schedule === undefined) return false
      const job = newJob(definition, definition.schedule.payload, { singletonKey: 'schedule' })
      await enqueueJobs(boss, tx, [job], { ownerId: null, traceId: newTraceId() })
      return true
    })
    if (!queued) {
      logger.warn('a schedule was due that is not declared', { job: name })
      continue
    }
    for (const { topic, payload } of messages) bus.publish(topic, payload)
    bus.tell(messages)
  }
}
