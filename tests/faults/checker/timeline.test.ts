import { expect, test } from 'vitest'
import type { Attempt } from '../workload/observer.ts'
import { recoveryAfter, timelineOf } from './timeline.ts'

const answers = (from: number, to: number, status: Attempt['status'], everyMs = 50): Attempt[] =>
  Array.from({ length: (to - from) / everyMs }, (_, index) => {
    const at = from + index * everyMs
    return { from: at - 10, to: at, status, path: 'tasks.create' }
  })
const fault = { from: 1_000, to: 3_000 }

test('detection is the first failure, recovery the first good second after the cause is gone', () => {
  const attempts = [...answers(0, 1_200, 200), ...answers(1_200, 3_500, 503), ...answers(3_500, 6_000, 200)]
  expect(timelineOf(attempts, fault)).toMatchObject({ detectMs: 200, recoverMs: 451, p99Ms: 10 })
  expect([...timelineOf(attempts, fault).failures]).toEqual([['503', 46]])
})

test('no failure at all means no time to recover', () => {
  expect(timelineOf(answers(0, 6_000, 200), fault)).toMatchObject({ detectMs: undefined, recoverMs: 0 })
})

test('one failure in a hundred is well; two are not', () => {
  const calm = answers(3_000, 4_000, 200, 10)
  const failure: Attempt = { from: 3_400, to: 3_405, status: 'cut', path: 'tasks.create' }
  const later = answers(4_000, 6_000, 200, 10)
  expect(recoveryAfter([...calm.slice(1), failure, ...later], 3_000)).toBe(0)
  expect(recoveryAfter([...calm, failure, failure, ...later], 3_000)).toBe(406)
})

test('silence is no recovery', () => {
  expect(recoveryAfter(answers(3_000, 3_400, 200), 3_000)).toBeUndefined()
  expect(recoveryAfter([...answers(3_000, 3_400, 200), ...answers(9_000, 9_050, 200)], 3_000)).toBeUndefined()
})
