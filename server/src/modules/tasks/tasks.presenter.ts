import type { Task } from './tasks.schema.ts'

/** A task's columns, as repositories read them. */
export interface TaskRow {
  readonly id: string
  readonly projectId: string
  readonly title: string
  readonly description: string | null
  readonly status: Task['status']
  readonly priority: number
  readonly dueAt: Date | null
  readonly assigneeId: string | null
  readonly createdById: string | null
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** A task as it leaves. */
export function presentTask(row: TaskRow): Task {
  return {
    id: row.id,
    projectId: row.projectId,
    title: row.title,
    description: row.description,
    status: row.status,
    priority: row.priority,
    dueAt: row.dueAt?.toISOString() ?? null,
    assigneeId: row.assigneeId,
    createdById: row.createdById,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}
