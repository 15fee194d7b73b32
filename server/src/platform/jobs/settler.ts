import type { PgBoss } from 'pg-boss'
import { type Database, patiently, type Tx, transaction } from '../database/index.ts'
import type { Bus } from '../events/bus.ts'
import type { AttemptEnd } from './attempt.ts'
import type { ClaimedJob, JobProgress } from './claimed-job.ts'
import { jobsChanged } from './job-stream.ts'
import { giveBack, giveUp, type Success, succeed } from './settle.ts'

/** Writes down how attempts ended. */
export interface Settler {
  /** False when the job was not the attempt's any more. Rejects when the database stays away. */
  settle(job: ClaimedJob, end: AttemptEnd, progress: JobProgress | undefined): Promise<boolean>
}

interface Waiting {
  readonly queue: string
  readonly success: Success
  readonly resolve: (held: boolean) => void
  readonly reject: (error: unknown) => void
}

/** Builds the {@link Settler}. Successes that come while others are being written share the next transaction. */
export function createSettler(
  boss: PgBoss,
  database: Pick<Database, 'prisma'>,
  bus: Pick<Bus, 'notify' | 'publish'>,
): Settler {
  let waiting: Waiting[] = []
  let writing = false

  async function writeSuccesses(batch: readonly Waiting[]): Promise<void> {
    const queues = Map.groupBy(batch, ({ queue }) => queue)
    const held = await patiently(() =>
      transaction(database, async (tx) => {
        const all = new Set<string>()
        for (const [queue, jobs] of queues) {
          const successes = jobs.map(({ success }) => success)
          for (const id of await succeed(boss, tx, queue, successes)) all.add(id)
        }
        await bus.notify(tx, jobsChanged([...all]))
        return all
      }),
    )
    for (const { topic, payload } of jobsChanged([...held])) bus.publish(topic, payload)
    for (const { success, resolve } of batch) resolve(held.has(success.id))
  }

  async function write(): Promise<void> {
    if (writing) return
    writing = true
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      await writeSuccesses(batch).catch((error: unknown) => {
        for (const { reject } of batch) reject(error)
      })
    }
    writing = false
  }

  async function writeEnd(job: ClaimedJob, end: (tx: Tx) => Promise<boolean>): Promise<boolean> {
    const held = await patiently(() =>
      transaction(database, async (tx) => {
        const written = await end(tx)
        if (written) await bus.notify(tx, jobsChanged([job.id]))
        return written
      }),
    )
    if (held) for (const { topic, payload } of jobsChanged([job.id])) bus.publish(topic, payload)
    return held
  }

  return {
    async settle(job, end, progress) {
      if (end.kind === 'committed') return true
      if (end.kind === 'lost') return false
      if (end.kind === 'interrupted' || end.kind === 'postponed') {
        const error = end.kind === 'postponed' ? end.error : INTERRUPTED
        return await writeEnd(job, (tx) => giveBack(boss, tx, job, error))
      }
      if (end.kind !== 'done') {
        const failure = { state: STATES[end.kind], error: end.error, progress }
        return await writeEnd(job, (tx) => giveUp(boss, tx, job, failure))
      }
      const { promise, resolve, reject } = Promise.withResolvers<boolean>()
      const { id, retryCount, definition } = job
      const success: Success = { id, retryCount, progress, result: end.result }
      waiting.push({ queue: definition.name, success, resolve, reject })
      void write()
      return await promise
    },
  }
}

const INTERRUPTED = 'The server stopped meanwhile; it starts again.'

/** What each failure makes of the job. */
const STATES = { broke: 'queued', failed: 'failed', refused: 'dead' } as const
