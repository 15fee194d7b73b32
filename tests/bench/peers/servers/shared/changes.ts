import { EventEmitter } from 'node:events'
import type { Task } from './schemas.ts'

/** A change of a task as subscribers get it. */
export interface TaskChange {
  readonly type: 'task.created'
  readonly task: Task
}

/** Changes of tasks, an event for each project id. */
export const changes = new EventEmitter<Record<string, [TaskChange]>>()
changes.setMaxListeners(0)
