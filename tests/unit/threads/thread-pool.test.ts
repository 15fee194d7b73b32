import { afterAll, expect, test } from 'vitest'
import { WorkQueueFullError } from '../../../server/src/platform/limits/work-queue.ts'
import { createThreadPool } from '../../../server/src/platform/threads/thread-pool.ts'

const pool = createThreadPool<{ upTo: number }, number, number>({
  module: new URL('./sum.thread.ts', import.meta.url),
  threads: 1,
  waiting: 1,
})
afterAll(() => pool.close())

const { signal } = new AbortController()

test('work is done in a thread, which tells how far it is', async () => {
  const reports: number[] = []
  expect(await pool.run({ upTo: 3_000 }, { signal, onReport: (report) => reports.push(report) })).toBe(
    4_501_500,
  )
  expect(reports).toContain(1_000)
})

test('what the work throws is thrown', async () => {
  await expect(pool.run({ upTo: -1 }, { signal })).rejects.toThrow('upTo is negative')
})

test('an abort ends work that never would, with the signal’s reason, and the next work is done', async () => {
  const stop = new AbortController()
  const counting = Promise.withResolvers<void>()
  const endless = pool.run(
    { upTo: Number.POSITIVE_INFINITY },
    { signal: stop.signal, onReport: () => counting.resolve() },
  )
  await counting.promise
  stop.abort(new Error('enough'))
  await expect(endless).rejects.toThrow('enough')
  expect(await pool.run({ upTo: 4 }, { signal })).toBe(10)
})

test('more than may wait is refused', async () => {
  const stop = new AbortController()
  const runs = [1, 2, 3].map(() => pool.run({ upTo: Number.POSITIVE_INFINITY }, { signal: stop.signal }))
  const outcomes = Promise.allSettled(runs)
  await expect(runs[2]).rejects.toThrow(WorkQueueFullError)
  stop.abort(new Error('enough'))
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
})
