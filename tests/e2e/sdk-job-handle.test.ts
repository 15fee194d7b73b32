import { createClient, isPlinthError, type JobProgress } from '@plinth/client'
import { expect, expectTypeOf, test } from 'vitest'
import { openSite } from '../support/server-process.ts'

const account = { email: 'ida@example.com', password: 'eleven owls left the old barn', fullName: 'Ida' }
const TASKS = 50

/** How `waiting` ends: its value, or the code and message of the refusal. */
async function endOf<T>(waiting: Promise<T>) {
  return await waiting.catch((error: unknown) => {
    if (!isPlinthError(error)) throw error
    return { code: error.code, message: error.message }
  })
}

async function all(steps: AsyncIterable<JobProgress>): Promise<JobProgress[]> {
  const seen: JobProgress[] = []
  for await (const step of steps) seen.push(step)
  return seen
}

test('a handle outlives waiting, cancelling, failing and the server it began on', async () => {
  // Nobody works here yet: whatever is queued waits.
  await using site = await openSite({ PLINTH_ROLE: 'api' })
  const client = createClient({ baseUrl: site.baseUrl })
  await client.auth.register.mutate(account)
  const newProject = async (slug: string): Promise<string> => {
    const { id } = await client.projects.create.mutate({ name: slug, slug })
    const tasks = Array.from({ length: TASKS }, (_, index) => ({ title: `Task ${index}` }))
    await client.tasks.createMany.mutate({ projectId: id, tasks })
    return id
  }
  const [kept, unwanted, doomed] = [
    await newProject('kept'),
    await newProject('unwanted'),
    await newProject('doomed'),
  ]
  const report = (projectId: string) => client.reports.generate.mutate({ projectId })

  const handle = await report(kept)
  expect(Object.keys(handle).sort()).toEqual(['jobId', 'reportId'])
  expect(await endOf(handle.result({ timeoutMs: 200 }))).toMatchObject({ code: 'TIMEOUT' })
  const forAYear = handle.result({ timeoutMs: 366 * 86_400_000, signal: AbortSignal.timeout(200) })
  expect(await endOf(forAYear)).toMatchObject({ code: 'ABORTED' })
  expect(await client.jobs.get.query({ id: handle.jobId })).toMatchObject({ state: 'queued' })

  const cancelled = await report(unwanted)
  const waiting = endOf(cancelled.result())
  const following = all(cancelled.progress())
  await cancelled.cancel()
  expect(await waiting).toEqual({ code: 'JOB_CANCELLED', message: 'The job was cancelled.' })
  expect(await following).toEqual([])
  expect(await endOf(cancelled.result())).toMatchObject({ code: 'JOB_CANCELLED' })

  const failing = await report(doomed)
  const outcome = handle.result({ timeoutMs: 60_000 })
  const steps = all(handle.progress())
  const failure = endOf(failing.result({ timeoutMs: 60_000 }))
  await client.projects.delete.mutate({ id: doomed })
  await site.current().stop('SIGKILL')
  await site.start({ PLINTH_ROLE: 'all' })

  const result = await outcome
  expectTypeOf(result).toEqualTypeOf<{ reportId: string; csvFileId: string; jsonFileId: string }>()
  expect(result.reportId).toBe(handle.reportId)
  expect((await steps).at(-1)).toEqual({ current: TASKS, total: TASKS })
  expect(await failure).toMatchObject({ code: 'JOB_FAILED', message: 'There is no such thing here.' })

  // The job has ended before these ask.
  expect(await handle.result()).toEqual(result)
  expect(await all(handle.progress())).toEqual([{ current: TASKS, total: TASKS }])
  expect(await endOf(failing.result())).toMatchObject({ code: 'JOB_FAILED' })
  expect(await endOf(handle.cancel())).toMatchObject({ code: 'CONFLICT' })
})
