import pg from 'pg'
import { threadTask } from '../../platform/threads/thread-task.ts'
import { reportCsv } from './report-csv.ts'
import type { ReportFigures } from './reports.schema.ts'
import { type CountedTask, createTally, type Tally } from './tally.ts'

/** What the thread is told. */
export interface ReportTask {
  readonly connectionString: string
  readonly statementTimeoutMs: number
  readonly projectId: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/** How far it is, in tasks. */
export interface ReportProgress {
  readonly current: number
  readonly total: number
}

/** What comes of it. */
export interface ComputedReport {
  readonly figures: ReportFigures
  readonly csv: string
  readonly json: string
}

const PAGE = 2_000
const CONNECT_LIMIT_MS = 5_000

/** Backwards along the index of the list, so that tasks that come meanwhile are left out and no page is sorted. */
const TASKS = `SELECT status::text, priority, assignee_id, (extract(epoch FROM due_at) * 1000)::float8,
    (extract(epoch FROM created_at) * 1000)::float8, (extract(epoch FROM completed_at) * 1000)::float8, id
  FROM tasks
  WHERE project_id = $1::uuid AND deleted_at IS NULL AND (created_at, id) < ($2::timestamptz, $3::uuid)
  ORDER BY created_at DESC, id DESC LIMIT ${PAGE}`
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

type Row = [
  ...values: [CountedTask['status'], number, string | null, number | null, number, number | null],
  id: string,
]

export default threadTask(
  async (task: ReportTask, report: (progress: ReportProgress) => void): Promise<ComputedReport> => {
    const client = new pg.Client({
      connectionString: task.connectionString,
      application_name: 'plinth-report',
      connectionTimeoutMillis: CONNECT_LIMIT_MS,
      statement_timeout: task.statementTimeoutMs,
      query_timeout: task.statementTimeoutMs * 2,
    })
    await client.connect()
    try {
      const tally = createTally(task.now)
      await countTasks(client, task, tally, report)
      const names = await namesOf(client, tally.assigneeIds())
      const figures = tally.figures((id) => names.get(id) ?? 'Somebody who left')
      return { figures, csv: reportCsv(figures), json: `${JSON.stringify(figures, undefined, 2)}\n` }
    } finally {
      await client.end()
    }
  },
)

/** Reads all tasks, page by page. No transaction: an embedded database would let nobody else in for as long. */
async function countTasks(
  client: pg.Client,
  { projectId }: ReportTask,
  tally: Tally,
  report: (progress: ReportProgress) => void,
): Promise<void> {
  const { rows: counted } = await client.query<{ tasks: number }>(
    'SELECT count(*)::int AS tasks FROM tasks WHERE project_id = $1::uuid AND deleted_at IS NULL',
    [projectId],
  )
  const total = counted[0]?.tasks ?? 0
  let place: [string, string] = ['infinity', LAST_ID]
  let seen = 0
  for (;;) {
    const { rows } = await client.query<Row>({
      name: 'report.tasks',
      text: TASKS,
      values: [projectId, ...place],
      rowMode: 'array',
    })
    for (const [status, priority, assigneeId, dueAt, createdAt, completedAt] of rows) {
      tally.add({ status, priority, assigneeId, dueAt, createdAt, completedAt })
    }
    seen += rows.length
    report({ current: Math.min(seen, total), total })
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return
    place = [new Date(last[4]).toISOString(), last[6]]
  }
}

async function namesOf(client: pg.Client, ids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await client.query<{ id: string; name: string }>(
    'SELECT id, full_name AS name FROM users WHERE id = ANY($1::uuid[]) AND deleted_at IS NULL',
    [ids],
  )
  return new Map(rows.map(({ id, name }) => [id, name]))
}
