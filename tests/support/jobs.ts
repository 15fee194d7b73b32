import { z } from 'zod'
import { announceChange, collectChange, writeChange } from '../../server/src/contract/change.ts'
import { handleJob, type JobCall, type JobHandler } from '../../server/src/contract/job.ts'
import type { Change } from '../../server/src/contract/unit-of-work.ts'
import { transaction } from '../../server/src/platform/database/index.ts'
import { defineJob } from '../../server/src/platform/jobs/job-definition.ts'
import { newTraceId } from '../../server/src/platform/request-context.ts'
import { startServer, type TestServer, type TestServerOptions } from './server.ts'
import { until } from './until.ts'

/** What the jobs of these tests carry. */
const Note = z.object({ note: z.string() })

type Run = (call: JobCall<z.output<typeof Note>, z.input<typeof Note>>) => Promise<z.input<typeof Note>>
type Settings = Partial<
  Pick<ReturnType<typeof defineJob>, 'retry' | 'timeLimitSeconds' | 'concurrency' | 'version'>
>

/** A kind of job that takes and gives a note. */
export function noteJob(name: string, settings: Settings = {}) {
  return defineJob({ name, version: 1, payload: Note, result: Note, ...settings })
}

/** A server in which `run` does the jobs called `test.note`. */
export async function startJobs(run: Run, settings: Settings = {}, options: TestServerOptions = {}) {
  const job = noteJob('test.note', settings)
  const server = await startWith([handleJob(job, run)], options)
  return Object.assign(server, { job })
}

/** A server with these kinds of jobs. */
export async function startWith(jobHandlers: readonly JobHandler[], options: TestServerOptions = {}) {
  return await startServer({ ...options, overrides: { ...options.overrides, jobHandlers } })
}

/** Makes a change as a mutation does, without its pipeline. */
export async function commit<T>(
  { app }: TestServer,
  work: (change: Change) => Promise<T> | T,
  ownerId: string | null = null,
  traceId = newTraceId(),
): Promise<T> {
  const request = {
    traceId,
    surface: 'system' as const,
    ip: undefined,
    userAgent: undefined,
    roundTrips: 0,
  }
  const { answer, change } = await transaction(app.runtime.database, async (db) => {
    const collected = collectChange(db)
    const result = await work({
      ...collected,
      enqueue: (job, payload, given) => collected.enqueue(job, payload, { ownerId, ...given }),
    })
    await writeChange(app.runtime, collected, { actor: null, action: 'test.commit', request })
    return { answer: result, change: collected }
  })
  announceChange(app.runtime, change)
  return answer
}

/** The job's row. */
export async function rowOf({ database }: TestServer, id: string) {
  return await database.prisma.job.findUniqueOrThrow({ where: { id } })
}

/** Waits until the job is in one of `states`. */
export async function reached(server: TestServer, id: string, states: readonly string[], withinMs = 10_000) {
  return await until(
    `job ${id} is ${states.join(' or ')}`,
    async () => {
      const row = await rowOf(server, id)
      return states.includes(row.state) ? row : undefined
    },
    withinMs,
  )
}
