import { isoOf, type Moment } from '../../platform/pagination/moments.ts'
import type { Task } from './tasks.schema.ts'

/** A task's columns, as repositories read them. */
export interface TaskRow {
  readonly id: string
  readonly projectId: string
  readonly title: string
  readonly description: string | null
  readonly status: Task['status']
  readonly priority: number
  readonly dueAt: Moment | null
  readonly assigneeId: string | null
  readonly createdById: string | null
  readonly version: number
  readonly createdAt: Moment
  readonly updatedAt: Moment
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
    dueAt: row.dueAt === null ? null : isoOf(row.dueAt),
    assigneeId: row.assigneeId,
    createdById: row.createdById,
    version: row.version,
    createdAt: isoOf(row.createdAt),
    updatedAt: isoOf(row.updatedAt),
  }
}
