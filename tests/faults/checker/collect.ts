import type { Client, Task } from '@plinth/client'
import { z } from 'zod'
import type { Fleet } from '../machine/fleet.ts'
import type { PostgresCluster } from '../machine/postgres-cluster.ts'
import { countOf } from '../workload/operations.ts'
import type { WatchedEvent } from '../workload/watchers.ts'
import type { CounterFinding } from './evidence.ts'
import { fileEffects, reportsFound } from './files.ts'
import { mailEffects, notificationEffects } from './messages.ts'

/** What is there when all is quiet: read through the API where users would, else from the tables. */
export interface Found {
  readonly effects: ReadonlyMap<string, number>
  readonly counters: readonly CounterFinding[]
  readonly stream: readonly WatchedEvent[]
  /** Tasks that are not what their last event says. */
  readonly complaints: readonly string[]
}

const EventRow = z.object({
  id: z.string(),
  type: z.string(),
  at: z.date(),
  task: z.object({
    id: z.string(),
    title: z.string(),
    description: z.string().nullable(),
    version: z.number(),
  }),
})
type EventRow = z.infer<typeof EventRow>

/** Whose work is to be found. */
export interface Searched {
  readonly projectId: string
  /** Tasks that are not counted as effects themselves. */
  readonly counters: readonly string[]
  /** Begins the name of each operation. */
  readonly prefix: string
}

/** Reads all that a crew left behind. */
export async function collect(
  { postgres, mails, storageFolder }: Pick<Fleet, 'postgres' | 'mails' | 'storageFolder'>,
  reader: Client,
  { projectId, counters, prefix }: Searched,
): Promise<Found> {
  const tasks = await allTasks(reader, projectId)
  const events = await eventsOf(postgres, projectId)
  const audits = await auditsOf(postgres, projectId)
  const titles = new Map(tasks.map((task) => [task.id, task.title]))

  const effects = new Map<string, number>()
  const found = (effect: string): void => void effects.set(effect, (effects.get(effect) ?? 0) + 1)
  for (const { id, title } of tasks) if (!counters.includes(id)) found(`row ${title}`)
  for (const { type, task } of events) {
    if (type === 'task.created' && counters.includes(task.id)) continue
    found(`event ${type} ${type === 'task.created' ? task.title : firstWord(task.description)}`)
  }
  for (const { action, target, changes } of audits) {
    if (action === 'tasks.create' && counters.includes(target)) continue
    found(`audit ${action} ${auditedOperation(action, changes, titles)}`)
  }
  for (const effect of await notificationEffects(postgres, prefix)) found(effect)
  for (const effect of await fileEffects(reader, projectId, storageFolder)) found(effect)
  for (const effect of await reportsFound(reader, projectId, storageFolder)) found(effect)
  for (const effect of mailEffects(mails.taken, prefix)) found(effect)
  return {
    effects,
    counters: counters.map((id, index) => counterOf(`counter ${index + 1}`, id, tasks, events)),
    stream: events.map(({ id, type, task, at }) => ({
      id,
      type,
      taskId: task.id,
      version: task.version,
      at: at.getTime(),
    })),
    complaints: tasks.flatMap((task) => differenceFromEvents(task, events)),
  }
}

async function allTasks(reader: Client, projectId: string): Promise<Task[]> {
  const tasks: Task[] = []
  let cursor: string | undefined
  do {
    const page = await reader.tasks.list.query({
      projectId,
      limit: 100,
      ...(cursor === undefined ? {} : { cursor }),
    })
    tasks.push(...page.data)
    cursor = page.pagination.nextCursor ?? undefined
  } while (cursor !== undefined)
  return tasks
}

async function eventsOf(postgres: Pick<PostgresCluster, 'query'>, projectId: string): Promise<EventRow[]> {
  const rows = await postgres.query(
    'SELECT id::text, type, data AS task, created_at AS at FROM events WHERE stream = $1 ORDER BY events.id',
    [`project:${projectId}:tasks`],
  )
  return z.array(EventRow).parse(rows)
}

interface AuditRow {
  readonly action: string
  readonly target: string
  readonly changes: string
}

async function auditsOf(postgres: Pick<PostgresCluster, 'query'>, projectId: string): Promise<AuditRow[]> {
  return await postgres.query<AuditRow>(
    `SELECT action, target_id AS target, changes::text AS changes FROM audit_events
     WHERE action LIKE 'tasks.%' AND (target_id = $1 OR target_id IN (SELECT id::text FROM tasks WHERE project_id = $1::uuid))
        OR action = 'files.upload' AND changes->>'projectId' = $1`,
    [projectId],
  )
}

const OPERATION = /\b[a-z]\w*-\d+-\d+\b/
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/

/** The operation an audit row speaks of: named in what changed, or by the first of the tasks it made. */
function auditedOperation(action: string, changes: string, titles: ReadonlyMap<string, string>): string {
  if (action !== 'tasks.createMany') return OPERATION.exec(changes)?.[0] ?? 'nobody'
  const title = titles.get(UUID.exec(changes)?.[0] ?? '') ?? 'nobody'
  return title.split('.')[0] ?? title
}

function firstWord(text: string | null): string {
  return text?.split(' ')[0] ?? ''
}

function counterOf(
  name: string,
  id: string,
  tasks: readonly Task[],
  events: readonly EventRow[],
): CounterFinding {
  const updates = events.filter(({ type, task }) => type === 'task.updated' && task.id === id)
  return {
    name,
    history: updates.map(({ task }) => countOf(task.description)),
    now: countOf(tasks.find((task) => task.id === id)?.description ?? null),
  }
}

function differenceFromEvents(task: Task, events: readonly EventRow[]): string[] {
  const last = events.findLast((event) => event.task.id === task.id)?.task
  if (last?.version === task.version && last.description === task.description && last.title === task.title)
    return []
  return [`task ${task.id} is at version ${task.version}, its last event at ${last?.version ?? 'none'}`]
}
