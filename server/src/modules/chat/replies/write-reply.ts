import { z } from 'zod'
import { Id } from '../../../contract/schemas.ts'
import { defineJob } from '../../../platform/jobs/job-definition.ts'

/**
 * Writes a reply. Most of its time is waiting for a provider, so that many run at once; the provider's own limits come
 * long before the time limit.
 */
export const writeReply = defineJob({
  name: 'chat.writeReply',
  version: 1,
  payload: z.object({ replyId: Id }),
  result: z.object({ replyId: Id, state: z.string() }),
  concurrency: 250,
  timeLimitSeconds: 900,
})
