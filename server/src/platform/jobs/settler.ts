import type { PgBoss } from 'pg-boss'
import {
  type Database,
  isRetryableConflict,
  patiently,
  query,
  type Tx,
  transaction,
  whenInDoubt,
} from '../database/index.ts'
import type { Bus } from '../events/bus.ts'
import type { AttemptEnd } from './attempt.ts'
import type { ClaimedJob, JobProgress } from './claimed-job.ts'
import { announceJobs } from './job-stream.ts'
import { giveBack, giveUp, type Success, successes } from './settle.ts'

/** Writes down how attempts ended. */
export interface Settler {
  /** False when the job was not the attempt's any more. Rejects when the database stays away. */
  settle(job: ClaimedJob, end: AttemptEnd, progress: JobProgress | undefined): Promise<boolean>
}

interface Waiting {
  readonly success: Success
  readonly resolve: (held: boolean) => void
  readonly reject: (error: unknown) => void
}

/**
 * Builds the {@link Settler}. Successes that come while others are being written share the next statement. Followers in
 * other processes are told after the commit, several together.
 */
export function createSettler(
  boss: PgBoss,
  database: Pick<Database, 'prisma' | 'pool'>,
  bus: Pick<Bus, 'tell' | 'publish'>,
): Settler {
  let waiting: Waiting[] = []
  let writing = false

  async function writeSuccesses(batch: readonly Waiting[]): Promise<void> {
    const statement = successes(batch.map(({ success }) => success))
    const ids = batch.map(({ success }) => success.id)
    const held = await writeDown(ids, async () => {
      const rows = await onceMore(() => query<{ id: string }>(database, statement))
      return rows.map(({ id }) => id)
    })
    for (const { success, resolve } of batch) resolve(held.has(success.id))
  }

  /**
   * Does `end`, which answers with those of `ids` that were still held, and announces these. After a failure that left
   * in doubt whether it was done, all are announced: done again, it finds nothing held any more.
   */
  async function writeDown(
    ids: readonly string[],
    end: () => Promise<readonly string[]>,
  ): Promise<ReadonlySet<string>> {
    let changed: readonly string[] | undefined
    const doubted = whenInDoubt(() => {
      changed = ids
    })
    try {
      const held = await patiently(() => end().catch(doubted))
      changed ??= held
      return new Set(held)
    } finally {
      announceJobs(bus, changed ?? [])
    }
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
    const held = await writeDown([job.id], async () => ((await transaction(database, end)) ? [job.id] : []))
    return held.has(job.id)
  }

  return {
    async settle(job, end, progress) {
      if (end.kind === 'committed') {
        announceJobs(bus, [job.id])
        return true
      }
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
      const success: Success = { queue: definition.name, id, retryCount, progress, result: end.result }
      waiting.push({ success, resolve, reject })
      void write()
      return await promise
    },
  }
}

const INTERRUPTED = 'The server stopped meanwhile; it starts again.'

/** What each failure makes of the job. */
const STATES = { broke: 'queued', failed: 'failed', refused: 'dead' } as const

/** Does `work` again after a deadlock, which rolled it back. @throws what it throws then */
async function onceMore<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isRetryableConflict(error)) throw error
    return await work()
  }
}
