import { isoOf, type Moment } from '../../platform/pagination/moments.ts'
import { type Report, ReportFigures, type ReportSummary } from './reports.schema.ts'

/** A report's columns, as repositories read them. */
export interface ReportRow {
  readonly id: string
  readonly projectId: string
  readonly jobId: string
  readonly createdById: string | null
  readonly createdAt: Moment
  readonly finishedAt: Moment | null
  readonly state: ReportSummary['state']
  readonly files: ReportSummary['files']
}

/** A report as lists show it. */
export function presentSummary(row: ReportRow): ReportSummary {
  return {
    id: row.id,
    projectId: row.projectId,
    jobId: row.jobId,
    state: row.state,
    createdById: row.createdById,
    createdAt: isoOf(row.createdAt),
    finishedAt: row.finishedAt === null ? null : isoOf(row.finishedAt),
    files: row.files,
  }
}

/** A report as it leaves. */
export function presentReport(row: ReportRow & { readonly figures: unknown }): Report {
  const figures = row.figures === null ? null : ReportFigures.parse(row.figures)
  return { ...presentSummary(row), figures }
}
