import { z } from 'zod'
import { Id } from '../../contract/schemas.ts'
import { defineJob } from '../../platform/jobs/job-definition.ts'

/** Makes a report. Two at once in a process: each takes a thread and a database connection of its own. */
export const generateReport = defineJob({
  name: 'reports.generate',
  version: 1,
  payload: z.object({
    reportId: Id,
    projectId: Id,
    /** Why a super admin who asked for it stepped over membership. */
    bypass: z.string().optional(),
  }),
  result: z.object({ reportId: Id, csvFileId: Id, jsonFileId: Id }),
  concurrency: 2,
  timeLimitSeconds: 600,
})
