import { createThreadPool } from '../../platform/threads/thread-pool.ts'
import type { ComputedReport, ReportProgress, ReportTask } from './compute-report.thread.ts'
import { createGenerateReport, type GenerateReportDeps } from './generate-report.job.ts'
import { createReportsRouter } from './reports.router.ts'
import { createReportsService } from './reports.service.ts'

/** Builds the reports module. Threads start with the first report. */
export function createReports(deps: Omit<GenerateReportDeps, 'threads'>) {
  const threads = createReportThreads()
  return {
    router: createReportsRouter(createReportsService(deps)),
    jobs: [createGenerateReport({ ...deps, threads })],
    close: () => threads.close(),
  }
}

/** The threads that take the figures of projects. */
export function createReportThreads() {
  return createThreadPool<ReportTask, ComputedReport, ReportProgress>({
    module: new URL('./compute-report.thread.ts', import.meta.url),
  })
}

/** The reports module as the composition root holds it. */
export type Reports = ReturnType<typeof createReports>
