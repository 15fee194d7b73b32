import type { ClaimedJob } from './claimed-job.ts'
import type { JobDefinition } from './job-definition.ts'

/** Does the jobs of one queue, at most `concurrency` at a time. */
export interface QueueWorker {
  /** There may be jobs: fetches as many as there are free places, and goes on while there are more. */
  wake(): void
  /** Fetches no more; resolves once what was being fetched has come and begun. */
  pause(): Promise<void>
}

/** What a worker is made of. */
export interface QueueWorkerParts {
  readonly definition: JobDefinition
  /** Takes up to `count` jobs from the queue. */
  claim(definition: JobDefinition, count: number): Promise<ClaimedJob[]>
  /**
   * Does one job and writes down how it ended; never rejects. It may call `done` when only the writing is left: the
   * place is free then.
   */
  run(job: ClaimedJob, done: () => void): Promise<void>
  failed(error: unknown): void
}

/** Builds a {@link QueueWorker}; it sleeps until it is woken. */
export function createQueueWorker({ definition, claim, run, failed }: QueueWorkerParts): QueueWorker {
  let free = definition.concurrency
  let more = false
  let claiming = false
  let paused = false
  let pumping: Promise<void> | undefined

  const place = (job: ClaimedJob): void => {
    free -= 1
    let taken = true
    const done = (): void => {
      if (!taken) return
      taken = false
      free += 1
      if (more) begin()
    }
    void run(job, done).finally(done)
  }

  const begin = (): void => {
    if (!claiming) pumping = pump()
  }

  const pump = async (): Promise<void> => {
    claiming = true
    try {
      while (more && free > 0 && !paused) {
        more = false
        const asked = free
        const jobs = await claim(definition, asked)
        if (jobs.length === asked) more = true
        for (const job of jobs) place(job)
      }
    } catch (error) {
      failed(error)
    } finally {
      claiming = false
    }
  }

  return {
    wake() {
      more = true
      begin()
    },
    async pause() {
      paused = true
      await pumping
    },
  }
}
