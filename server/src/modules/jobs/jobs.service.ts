import type { z } from 'zod'
import type { Actor } from '../../contract/actor.ts'
import { fail, failBecause } from '../../contract/errors.ts'
import { sliceOf } from '../../contract/page-request.ts'
import type { UnitOfWork } from '../../contract/unit-of-work.ts'
import type { Database } from '../../platform/database/index.ts'
import type { JobControl } from '../../platform/jobs/job-control.ts'
import { JOBS_TOPIC } from '../../platform/jobs/job-queue.ts'
import { CANCEL_TOPIC, JOBS_CHANGED_TOPIC } from '../../platform/jobs/job-stream.ts'
import { type CursorScope, encodeCursor } from '../../platform/pagination/cursor.ts'
import { pageOf } from '../../platform/pagination/page.ts'
import { presentJob } from './jobs.presenter.ts'
import { countJobs, findJob, listJobs } from './jobs.repository.ts'
import type { Job, JobsListInput, JobsListOutput } from './jobs.schema.ts'

/** What {@link createJobsService} needs. */
export interface JobsServiceDeps {
  readonly database: Database
  readonly control: JobControl
}

interface Call<Input> {
  readonly actor: Actor
  readonly input: Input
}

interface Change<Input> extends Call<Input> {
  readonly unit: UnitOfWork<Job>
}

/** Looks at jobs and steers them. Everybody sees their own, admins all. */
export interface JobsService {
  /** @throws NOT_FOUND */
  get(call: Call<{ id: string }>): Promise<Job>
  list(call: Call<z.output<typeof JobsListInput>>): Promise<z.input<typeof JobsListOutput>>
  /**
   * Ends a job before it is done. One under way is told to stop; whatever it still does is not kept. One that was
   * cancelled before stays so.
   * @throws NOT_FOUND; JOB_ENDED when it came to another end already
   */
  cancel(call: Change<{ id: string }>): Promise<Job>
  /**
   * Has a job tried again that failed or was given up, with as many attempts as at first.
   * @throws NOT_FOUND; JOB_NOT_FAILED
   */
  retry(call: Change<{ id: string }>): Promise<Job>
}

/** Builds the {@link JobsService}. */
export function createJobsService({ database, control }: JobsServiceDeps): JobsService {
  return {
    async get({ actor, input }) {
      const row = await findJob(database.prisma, actor, input.id)
      if (row === null) throw fail('NOT_FOUND')
      return presentJob(row)
    },

    async list({ actor, input }) {
      const { state, name, ownerId } = input
      const filter = { state, name, ownerId }
      const scope: CursorScope = {
        list: 'jobs',
        // The same cursor must not go on in the list of somebody else.
        filters: { ...filter, viewer: actor.userId },
        keyType: 'text',
      }
      const slice = sliceOf(input, scope)
      const { limit } = slice
      const [rows, total] = await Promise.all([
        listJobs(database.prisma, actor, filter, {
          take: limit + 1,
          skip: slice.by === 'page' ? slice.offset : 0,
          after: slice.by === 'cursor' ? slice.after?.id : undefined,
        }),
        slice.by === 'page' ? countJobs(database.prisma, actor, filter) : undefined,
      ])
      const cursorOf = ({ id }: { id: string }) => encodeCursor(scope, { id, key: null })
      return pageOf(rows, { limit, total, present: presentJob, cursorOf })
    },

    cancel: ({ actor, input: { id }, unit }) =>
      unit.commit(async (change) => {
        const found = await findJob(change.db, actor, id)
        if (found === null) throw fail('NOT_FOUND')
        if (!(await control.cancel(change.db, found))) {
          const now = (await findJob(change.db, actor, id)) ?? found
          if (now.state === 'cancelled') return presentJob(now)
          throw failBecause('JOB_ENDED')
        }
        change.audit({ targetType: 'job', targetId: id, changes: { name: found.name } })
        change.announce(CANCEL_TOPIC, id)
        change.wake(JOBS_CHANGED_TOPIC, id)
        return presentJob((await findJob(change.db, actor, id)) ?? found)
      }),

    retry: ({ actor, input: { id }, unit }) =>
      unit.commit(async (change) => {
        const found = await findJob(change.db, actor, id)
        if (found === null) throw fail('NOT_FOUND')
        if (!(await control.retry(change.db, found))) throw failBecause('JOB_NOT_FAILED')
        change.audit({ targetType: 'job', targetId: id, changes: { name: found.name } })
        change.wake(JOBS_TOPIC, found.name)
        change.wake(JOBS_CHANGED_TOPIC, id)
        return presentJob((await findJob(change.db, actor, id)) ?? found)
      }),
  }
}
