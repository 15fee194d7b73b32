import { constants, setPriority } from 'node:os'
import type { ThreadMessage } from './thread-pool.ts'

/** What a thread does with one input; `report` tells how far it is. */
export type ThreadWork<Input, Output, Report> = (
  input: Input,
  report: (report: Report) => void,
) => Output | Promise<Output>

/** The default export of a module that a thread pool runs. Its threads give way to the event loop, where they can. */
export function threadTask<Input, Output, Report = never>(
  work: ThreadWork<Input, Output, Report>,
): (message: ThreadMessage<Input>) => Promise<Output> {
  // Linux has priorities for threads; elsewhere this would be the whole process.
  if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  return async ({ input, reports }) => {
    try {
      return await work(input, (report) => reports.postMessage(report))
    } finally {
      reports.close()
    }
  }
}
