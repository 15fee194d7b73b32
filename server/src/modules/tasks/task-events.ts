import type { NewEvent } from '../../platform/events/event-log.ts'
import type { Task, TaskChange } from './tasks.schema.ts'

/** The stream of a project's task changes. */
export function taskStream(projectId: string): string {
  return `project:${projectId}:tasks`
}

/** The event of one change. */
export function taskEvent(type: TaskChange['type'], task: Task): NewEvent {
  return { stream: taskStream(task.projectId), type, data: task }
}
