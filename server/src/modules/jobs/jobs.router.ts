import { mutation, query, router, subscription } from '../../contract/procedure.ts'
import * as schema from './jobs.schema.ts'
import type { JobsService } from './jobs.service.ts'
import type { WatchJobService } from './watch-job.service.ts'

/** `jobs.*`. */
export const createJobsRouter = (jobs: JobsService, watch: WatchJobService) =>
  router({
    get: query({
      summary: 'Get a job of yours.',
      description: 'Admins get every job.',
      policy: { surfaces: { mcp: 'listed' }, access: { who: 'user' }, scope: 'jobs:read', limit: 'read' },
      input: schema.JobsGetInput,
      output: schema.JobsGetOutput,
      run: (call) => jobs.get(call),
    }),
    list: query({
      summary: 'List your jobs, newest first.',
      description: 'Admins get everybody’s and the system’s.',
      policy: { access: { who: 'user' }, scope: 'jobs:read', limit: 'read' },
      input: schema.JobsListInput,
      output: schema.JobsListOutput,
      run: (call) => jobs.list(call),
    }),
    cancel: mutation({
      summary: 'Cancel a job.',
      description: 'One under way is told to stop; whatever it still does is not kept.',
      policy: {
        access: { who: 'user' },
        scope: 'jobs:write',
        limit: 'write',
        audit: 'jobs.cancel',
        idempotent: true,
        destructive: true,
        errors: ['JOB_ENDED'],
      },
      input: schema.JobsCancelInput,
      output: schema.JobsCancelOutput,
      run: (call) => jobs.cancel(call),
    }),
    retry: mutation({
      summary: 'Have a job tried again that failed or was given up.',
      description: 'It gets as many attempts as at first.',
      policy: {
        access: { who: 'admin' },
        scope: 'jobs:write',
        limit: 'write',
        audit: 'jobs.retry',
        errors: ['JOB_NOT_FAILED'],
      },
      input: schema.JobsRetryInput,
      output: schema.JobsRetryOutput,
      run: (call) => jobs.retry(call),
    }),
    onProgress: subscription({
      summary: 'Follow a job of yours until it has ended.',
      description:
        'Starts with how the job stands; with `lastEventId` after that event. Progress is told up to twice a second, the last of it always.',
      policy: { access: { who: 'user' }, scope: 'jobs:read', limit: 'stream' },
      input: schema.JobsOnProgressInput,
      output: schema.JobsOnProgressOutput,
      run: (call) => watch.onProgress(call),
    }),
  })
