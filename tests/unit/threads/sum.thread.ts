import { threadTask } from '../../../server/src/platform/threads/thread-task.ts'

/** Counts to `upTo`, or for ever. */
export default threadTask<{ upTo: number }, number, number>(({ upTo }, report) => {
  if (upTo < 0) throw new RangeError('upTo is negative')
  let sum = 0
  for (let step = 1; step <= upTo; step += 1) {
    sum += step
    if (step % 1_000 === 0) report(step)
  }
  return sum
})
