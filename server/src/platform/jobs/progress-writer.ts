import { type Database, transaction } from '../database/index.ts'
import type { Bus } from '../events/bus.ts'
import type { Logger } from '../logger.ts'
import type { Attempt } from './attempt.ts'
import { markProgress } from './job-rows.ts'
import { announceJobs } from './job-stream.ts'

/** Writes down how far jobs are: all of a process together, and not more often than people can follow. */
export interface ProgressWriter {
  /** The attempt's progress is to be written. */
  note(attempt: Attempt): void
  /** The attempt is over; its last progress is written with its end. */
  forget(attempt: Attempt): void
  close(): void
}

const EVERY_MS = 500

/** Builds the {@link ProgressWriter}. */
export function createProgressWriter(
  database: Pick<Database, 'prisma' | 'pool'>,
  bus: Pick<Bus, 'tell' | 'publish'>,
  logger: Logger,
): ProgressWriter {
  const noted = new Set<Attempt>()
  let timer: NodeJS.Timeout | undefined
  let last = Number.NEGATIVE_INFINITY

  const write = async (): Promise<void> => {
    const rows = [...noted].flatMap(({ job: { id, attempt }, progress }) => {
      const newest = progress()
      return newest === undefined ? [] : [{ id, attempt, ...newest }]
    })
    noted.clear()
    if (rows.length === 0) return
    await transaction(database, (tx) => markProgress(tx, rows))
    announceJobs(
      bus,
      rows.map(({ id }) => id),
    )
  }

  const due = (): void => {
    last = performance.now()
    write()
      // Newer progress comes, or the end.
      .catch((error: unknown) => logger.warn('the progress of jobs cannot be written', { error }))
      .finally(() => {
        timer = undefined
        if (noted.size > 0) schedule()
      })
  }

  const schedule = (): void => {
    timer ??= setTimeout(due, Math.max(0, last + EVERY_MS - performance.now()))
  }

  return {
    note(attempt) {
      noted.add(attempt)
      schedule()
    },
    forget: (attempt) => void noted.delete(attempt),
    close: () => clearTimeout(timer),
  }
}
