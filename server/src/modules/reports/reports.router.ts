import { mutation, query, router } from '../../contract/procedure.ts'
import { generateReport } from './generate-report.ts'
import * as schema from './reports.schema.ts'
import type { ReportsService } from './reports.service.ts'

/** `reports.*`. */
export const createReportsRouter = (reports: ReportsService) =>
  router({
    generate: mutation({
      summary: 'Have a project’s figures taken, as a table and as JSON.',
      description:
        'Answers at once; a job does the work. While a report of the project that you asked for is under way, its ids are the answer.',
      policy: {
        surfaces: { mcp: 'listed', rest: 'POST /projects/{projectId}/reports' },
        access: { who: 'member', min: 'viewer' },
        scope: 'reports:write',
        limit: 'write',
        audit: 'reports.generate',
        idempotent: true,
      },
      input: schema.ReportsGenerateInput,
      output: schema.ReportsGenerateOutput,
      job: generateReport,
      run: (call) => reports.generate(call),
    }),
    get: query({
      summary: 'Get a report with its figures, and the files it is in.',
      policy: {
        surfaces: { mcp: 'listed' },
        access: { who: 'member', min: 'viewer' },
        scope: 'reports:read',
        limit: 'read',
      },
      input: schema.ReportsGetInput,
      output: schema.ReportsGetOutput,
      run: (call) => reports.get(call),
    }),
    list: query({
      summary: 'List the reports of a project, newest first.',
      policy: { access: { who: 'member', min: 'viewer' }, scope: 'reports:read', limit: 'read' },
      input: schema.ReportsListInput,
      output: schema.ReportsListOutput,
      run: (call) => reports.list(call),
    }),
  })
