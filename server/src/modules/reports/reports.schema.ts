import { z } from 'zod'
import { named } from '../../contract/json-schema.ts'
import { Id, listOf, pageInput, Timestamp } from '../../contract/schemas.ts'

const Count = z.int().min(0)

/** A project's figures. */
export const ReportFigures = named(
  'ReportFigures',
  'A project’s figures at one moment.',
  z.object({
    at: Timestamp.describe('When they were taken.'),
    tasks: Count,
    open: Count.describe('Tasks that are not done.'),
    overdue: Count.describe('Open tasks whose due date is over.'),
    unassigned: Count.describe('Open tasks that nobody is given.'),
    byStatus: z.object({ todo: Count, doing: Count, done: Count }),
    byPriority: z.array(Count).describe('Tasks of priority 0, 1, 2, 3 and 4.'),
    byAssignee: z
      .array(
        z.object({
          userId: Id.nullable().describe('Null for tasks that nobody is given.'),
          name: z.string().meta({ examples: ['Ada Lovelace'] }),
          open: Count,
          overdue: Count,
          done: Count,
        }),
      )
      .describe('Those with the most open tasks first; 200 here, all of them in the files.'),
    byWeek: z
      .array(z.object({ from: z.iso.date(), created: Count, completed: Count }))
      .describe('The last 53 weeks, by their Monday (UTC), oldest first.'),
    leadTime: z
      .object({
        tasks: Count.describe('How many were completed.'),
        averageHours: z.number(),
        medianHours: z.number(),
        p90Hours: z.number().describe('Nine of ten took no longer.'),
      })
      .nullable()
      .describe('From creation to completion; null when nothing was completed. Accurate to 1 %.'),
  }),
)
export type ReportFigures = z.infer<typeof ReportFigures>

const ReportFile = z.object({
  format: z.enum(['csv', 'json']),
  fileId: Id.describe('Download it with `files.link`, or as GET /files/<id>.'),
  name: z.string().meta({ examples: ['launch-2027.csv'] }),
  bytes: z.int().meta({ examples: [1234] }),
})

const report = {
  id: Id,
  projectId: Id,
  jobId: Id.describe('The job that makes it.'),
  state: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled', 'dead']).meta({
    description: 'As that of its job. Only a report that succeeded has figures and files.',
    examples: ['succeeded'],
  }),
  createdById: Id.nullable(),
  createdAt: Timestamp,
  finishedAt: Timestamp.nullable(),
  files: z.array(ReportFile).describe('Members may delete them.'),
}

/** A report as lists show it. */
export const ReportSummary = named('ReportSummary', 'A report without its figures.', z.object(report))
export type ReportSummary = z.infer<typeof ReportSummary>

/** A report. */
export const Report = named(
  'Report',
  'A project’s figures, made by a job.',
  z.object({ ...report, figures: ReportFigures.nullable() }),
)
export type Report = z.infer<typeof Report>

export const ReportsGenerateInput = z.strictObject({ projectId: Id })
export const ReportsGenerateOutput = z.object({ reportId: Id, jobId: Id })

export const ReportsGetInput = z.strictObject({ id: Id })
export const ReportsGetOutput = Report

export const ReportsListInput = z.strictObject({ ...pageInput, projectId: Id })
export const ReportsListOutput = listOf(ReportSummary)
