import { expect, test } from 'vitest'
import { commit, reached, rowOf, startJobs } from '../../support/jobs.ts'
import { timed } from '../../support/until.ts'

test('a job that was queued with a change runs, and its result is kept', async () => {
  await using server = await startJobs(async ({ payload }) => ({ note: payload.note.toUpperCase() }))
  const id = await commit(server, (change) => change.enqueue(server.job, { note: 'hello' }))
  const row = await reached(server, id, ['succeeded', 'failed', 'dead'])
  expect(row).toMatchObject({ state: 'succeeded', attempt: 1, result: { note: 'HELLO' }, error: null })
})

test('a handler commits its effect, further jobs and the result together', async () => {
  await using server = await startJobs(async ({ id, payload, unit }) => {
    return await unit.commit(async (change) => {
      change.emit({ stream: 'test:effects', type: 'done', data: { id } })
      return { note: `${payload.note}!` }
    })
  })
  const id = await commit(server, (change) => change.enqueue(server.job, { note: 'hello' }))
  const row = await reached(server, id, ['succeeded', 'failed', 'dead'])
  expect(row).toMatchObject({ state: 'succeeded', result: { note: 'hello!' } })
  expect(await server.database.prisma.event.count({ where: { stream: 'test:effects' } })).toBe(1)
  const events = await server.database.prisma.event.findMany({
    where: { stream: `job:${id}` },
    orderBy: { id: 'asc' },
  })
  expect(events.map((event) => [Number(event.id), event.data])).toMatchObject([
    [1, { state: 'running', attempt: 1 }],
    [2, { state: 'succeeded', result: { note: 'hello!' } }],
  ])
})

test('a job that breaks is tried again, and put aside after its last attempt', async () => {
  const attempts: number[] = []
  await using server = await startJobs(
    async ({ attempt }) => {
      attempts.push(attempt)
      throw new Error('secret detail')
    },
    { retry: { limit: 1, delaySeconds: 1 } },
  )
  const id = await commit(server, (change) => change.enqueue(server.job, { note: 'x' }))
  const row = await reached(server, id, ['dead'], 15_000)
  expect(attempts).toEqual([1, 2])
  expect(row).toMatchObject({ attempt: 2, error: 'Something went wrong.' })
  expect(await rowOf(server, id)).toMatchObject({ state: 'dead' })
})

test('a process that stops gives its jobs no longer than its calls', async () => {
  const patient = ({ signal }: { signal: AbortSignal }) =>
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
  await using server = await startJobs(patient, {}, { variables: { DRAIN_TIMEOUT_MS: '300' } })
  const id = await commit(server, (change) => change.enqueue(server.job, { note: 'x' }))
  await reached(server, id, ['running'])
  const { ms } = await timed(() => server.app.drain())
  expect(ms).toBeGreaterThan(200)
  expect(ms).toBeLessThan(6_000)
})
