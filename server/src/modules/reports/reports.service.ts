import type { z } from 'zod'
import type { Actor } from '../../contract/actor.ts'
import { fail } from '../../contract/errors.ts'
import { sliceOf } from '../../contract/page-request.ts'
import type { UnitOfWork } from '../../contract/unit-of-work.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/index.ts'
import { newId } from '../../platform/ids.ts'
import { type CursorScope, encodeCursor } from '../../platform/pagination/cursor.ts'
import { isoOf } from '../../platform/pagination/moments.ts'
import { type Page, pageOf } from '../../platform/pagination/page.ts'
import { auditBypassedRead, whyRefused } from '../projects/index.ts'
import { generateReport } from './generate-report.ts'
import { presentReport, presentSummary } from './reports.presenter.ts'
import * as repository from './reports.repository.ts'
import type { Report, ReportSummary, ReportsGenerateOutput, ReportsListInput } from './reports.schema.ts'

type Generated = z.infer<typeof ReportsGenerateOutput>

/** Reports on projects. Members make and read them; to everybody else they do not exist: NOT_FOUND. */
export interface ReportsService {
  /** Queues a report, or names the one the caller already has under way. @throws NOT_FOUND */
  generate(call: {
    readonly actor: Actor
    readonly input: { readonly projectId: string }
    readonly unit: UnitOfWork<Generated>
  }): Promise<Generated>
  /** @throws NOT_FOUND */
  get(call: { readonly actor: Actor; readonly input: { readonly id: string } }): Promise<Report>
  /** Newest first. @throws NOT_FOUND, BAD_REQUEST (`cursor`, `page`) */
  list(call: {
    readonly actor: Actor
    readonly input: z.output<typeof ReportsListInput>
  }): Promise<Page<ReportSummary>>
}

/** What the service is made of. */
export interface ReportsServiceDeps {
  readonly database: Database
  readonly clock: Clock
}

/** Builds the {@link ReportsService}. */
export function createReportsService({ database, clock }: ReportsServiceDeps): ReportsService {
  return {
    generate: ({ actor, input: { projectId }, unit }) =>
      unit.commit(async (change) => {
        const { db } = change
        const refused = await whyRefused(db, actor, projectId, 'viewer')
        if (refused !== undefined) throw refused
        const known = await repository.underWay(db, projectId, actor.userId)
        if (known !== null) return { reportId: known.id, jobId: known.jobId }
        const reportId = newId()
        const jobId = change.enqueue(generateReport, { reportId, projectId, bypass: actor.bypass })
        const report = { id: reportId, projectId, createdById: actor.userId, jobId, now: clock.now() }
        await repository.insertReport(db, report)
        change.audit({ targetType: 'report', targetId: reportId, changes: { projectId, jobId } })
        return { reportId, jobId }
      }),

    async get({ actor, input: { id } }) {
      const row = await repository.findReport(database, actor, id)
      if (row === null) throw fail('NOT_FOUND')
      await auditBypassedRead(database, actor, { action: 'reports.get', targetType: 'report', targetId: id })
      return presentReport(row)
    },

    async list({ actor, input }) {
      const { limit, projectId } = input
      const scope: CursorScope = { list: 'reports', keyType: 'timestamptz', filters: { projectId } }
      const found = await repository.listReports(database, actor, projectId, sliceOf(input, scope))
      if (found === null) throw fail('NOT_FOUND')
      await auditBypassedRead(database, actor, {
        action: 'reports.list',
        targetType: 'project',
        targetId: projectId,
      })
      return pageOf(found.rows, {
        limit,
        total: found.total,
        present: presentSummary,
        cursorOf: (row) => encodeCursor(scope, { key: isoOf(row.createdAt), id: row.id }),
      })
    },
  }
}
