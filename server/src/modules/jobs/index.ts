import type { TailWakers } from '../../platform/events/tail.ts'
import { createJobsRouter } from './jobs.router.ts'
import { createJobsService, type JobsServiceDeps } from './jobs.service.ts'
import { createWatchJobService } from './watch-job.service.ts'

/** Builds the jobs module. */
export function createJobs(deps: JobsServiceDeps & TailWakers) {
  return { router: createJobsRouter(createJobsService(deps), createWatchJobService(deps)) }
}

/** The jobs module as the composition root holds it. */
export type Jobs = ReturnType<typeof createJobs>
