import type { Actor } from '../../contract/actor.ts'
import { fail } from '../../contract/errors.ts'
import { handleJob, type JobHandler } from '../../contract/job.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database, Db } from '../../platform/database/index.ts'
import type { ThreadPool } from '../../platform/threads/thread-pool.ts'
import type { GeneratedFile, SaveGenerated } from '../files/index.ts'
import { whyRefused } from '../projects/index.ts'
import type { ComputedReport, ReportProgress, ReportTask } from './compute-report.thread.ts'
import { generateReport } from './generate-report.ts'
import { finishReport, projectSlug } from './reports.repository.ts'

/** What the job needs. */
export interface GenerateReportDeps {
  readonly database: Database
  readonly clock: Clock
  readonly save: SaveGenerated
  readonly threads: Pick<ThreadPool<ReportTask, ComputedReport, ReportProgress>, 'run'>
  readonly statementTimeoutMs: number
}

/** People beyond these are in the files alone: an answer stays small. */
const MOST_ASSIGNEES = 200

/**
 * Makes a report: figures in a thread, then files, then all of it visible with one commit. Stopped anywhere before that,
 * nothing of it is; run again after that, nothing happens twice.
 */
export function createGenerateReport(deps: GenerateReportDeps): JobHandler {
  const { database, clock, save, threads, statementTimeoutMs } = deps

  return handleJob(generateReport, async ({ payload, actor, signal, progress, unit }) => {
    const { reportId, projectId, bypass } = payload
    const owner = actingFor(actor, bypass)
    await requireMember(database.prisma, owner, projectId)
    const now = clock.now()
    const { connectionString } = database
    const task: ReportTask = { connectionString, statementTimeoutMs, projectId, now: now.getTime() }
    const { figures, csv, json } = await threads.run(task, {
      signal,
      // Refused once the attempt is over, which the signal says as well.
      onReport: ({ current, total }) => void progress(current, total).catch(() => undefined),
    })
    const name = `${await projectSlug(database.prisma, projectId)}-${figures.at.slice(0, 10)}`
    const file = (ending: string, type: string, text: string): GeneratedFile => ({
      ownerId: owner.userId,
      projectId,
      purpose: 'report',
      name: `${name}.${ending}`,
      type,
      bytes: Buffer.byteLength(text),
      body: bytesOf(text),
    })
    return await save(file('csv', 'text/csv', csv), (keepCsv) =>
      save(file('json', 'application/json', json), (keepJson) =>
        unit.commit(async (change) => {
          // The figures are those of a moment ago; the rights are those of now.
          await requireMember(change.db, owner, projectId)
          const { id: csvFileId } = await keepCsv(change)
          const { id: jsonFileId } = await keepJson(change)
          const shown = { ...figures, byAssignee: figures.byAssignee.slice(0, MOST_ASSIGNEES) }
          const finished = { id: reportId, figures: shown, csvFileId, jsonFileId, now: clock.now() }
          if (!(await finishReport(change.db, finished))) throw fail('NOT_FOUND')
          const stepped = owner.bypass === undefined ? {} : { bypass: owner.bypass }
          change.audit({
            targetType: 'report',
            targetId: reportId,
            changes: { csvFileId, jsonFileId, ...stepped },
          })
          return { reportId, csvFileId, jsonFileId }
        }),
      ),
    )
  })
}

/** Who asked, with the rights they have now. @throws NOT_FOUND for a job that runs for nobody */
function actingFor(actor: Actor | null, bypass: string | undefined): Actor {
  if (actor === null) throw fail('NOT_FOUND')
  return bypass !== undefined && actor.role === 'super_admin' ? { ...actor, bypass } : actor
}

/** @throws NOT_FOUND for somebody who is no member any more */
async function requireMember(db: Db, actor: Actor, projectId: string): Promise<void> {
  const refused = await whyRefused(db, actor, projectId, 'viewer')
  if (refused !== undefined) throw refused
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
