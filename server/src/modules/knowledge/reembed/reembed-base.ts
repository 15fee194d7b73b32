import { z } from 'zod'
import { Id } from '../../../contract/schemas.ts'
import { defineJob } from '../../../platform/jobs/job-definition.ts'

/** Makes the vectors of a knowledge base anew, beside those in use. */
export const reembedBase = defineJob({
  name: 'documents.reembed',
  version: 1,
  payload: z.object({ spaceId: Id, knowledgeBaseId: Id, bypass: z.string().optional() }),
  result: z.object({ documents: z.int(), chunks: z.int(), modelId: z.string() }),
  retry: { limit: 4, delaySeconds: 2 },
  concurrency: 1,
  timeLimitSeconds: 21_600,
})
