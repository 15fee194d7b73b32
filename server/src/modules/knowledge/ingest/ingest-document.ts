import { z } from 'zod'
import { Id } from '../../../contract/schemas.ts'
import { defineJob } from '../../../platform/jobs/job-definition.ts'

/** Takes one version of a document in: reads it, cuts it, embeds it, and has it found instead of the one before. */
export const ingestDocument = defineJob({
  name: 'documents.ingest',
  version: 1,
  payload: z.object({
    versionId: Id,
    /** Why a super admin who asked for it stepped over membership. */
    bypass: z.string().optional(),
  }),
  result: z.object({
    documentId: Id,
    version: z.int().describe('Which upload it was.'),
    chunks: z.int(),
    pages: z.int().nullable(),
    characters: z.int(),
  }),
  retry: { limit: 4, delaySeconds: 2 },
  concurrency: 2,
  timeLimitSeconds: 1_800,
})
