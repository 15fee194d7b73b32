import { z } from 'zod'
import { handleJob, type JobHandler } from '../../../contract/job.ts'
import { defineJob } from '../../../platform/jobs/job-definition.ts'
import { type EndReplyDeps, interruptReply } from './end-reply.ts'
import { leftBehind } from './replies.repository.ts'

/** What it does not get to in one run it does in the next. */
const MOST_AT_ONCE = 500

/** Ends replies whose job ended without them: given up, cancelled, or refused because their user was suspended. */
export const tidyReplies = defineJob({
  name: 'chat.tidyReplies',
  version: 1,
  payload: z.object({}),
  result: z.object({ ended: z.int() }),
  schedule: { cron: '* * * * *', payload: {} },
})

/** Does {@link tidyReplies}. */
export function createTidyReplies(deps: EndReplyDeps): JobHandler {
  return handleJob(tidyReplies, async () => {
    const ids = await leftBehind(deps.database, MOST_AT_ONCE)
    for (const id of ids) await interruptReply(deps, id)
    return { ended: ids.length }
  })
}
