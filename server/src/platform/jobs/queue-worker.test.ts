import { expect, test } from 'vitest'
import { z } from 'zod'
import type { ClaimedJob } from './claimed-job.ts'
import { defineJob } from './job-definition.ts'
import { createQueueWorker } from './queue-worker.ts'

const definition = defineJob({
  name: 'test.job',
  version: 1,
  payload: z.unknown(),
  result: z.unknown(),
  concurrency: 2,
})
const claimed = (id: string): ClaimedJob => ({
  ...{ id, definition, retryCount: 0, attempt: 1, last: false, data: undefined },
  ...{ version: 1, ownerId: null, traceId: '', cause: undefined },
})

test('a pause waits for the jobs that are being fetched, and they begin', async () => {
  const fetched = Promise.withResolvers<ClaimedJob[]>()
  const began: string[] = []
  const worker = createQueueWorker({
    definition,
    claim: () => fetched.promise,
    run: async ({ id }) => void began.push(id),
    failed: (error) => expect.unreachable(String(error)),
  })
  worker.wake()
  const paused = worker.pause()
  setImmediate(() => fetched.resolve([claimed('a')]))
  await paused
  expect(began).toEqual(['a'])
})

test('a wake-up during a fetch is not lost, and a paused worker heeds none', async () => {
  const asked: number[] = []
  const found = [[claimed('a')], [claimed('b')], [claimed('c')]]
  const began: string[] = []
  const worker = createQueueWorker({
    definition,
    async claim(_definition, count) {
      asked.push(count)
      if (asked.length === 1) worker.wake()
      return found.shift() ?? []
    },
    run: ({ id }) => {
      began.push(id)
      return new Promise(() => undefined)
    },
    failed: (error) => expect.unreachable(String(error)),
  })
  worker.wake()
  await worker.pause()
  worker.wake()
  await worker.pause()
  expect({ asked, began }).toEqual({ asked: [2], began: ['a'] })
})
