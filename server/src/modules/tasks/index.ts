import { createTasksRouter } from './tasks.router.ts'
import { createTasksService, type TasksServiceDeps } from './tasks.service.ts'
import { createWatchTasksService, type WatchTasksDeps } from './watch-tasks.service.ts'

/** Builds the tasks module. */
export function createTasks(deps: TasksServiceDeps & WatchTasksDeps) {
  const tasks = createTasksService(deps)
  const watch = createWatchTasksService(deps)
  return { router: createTasksRouter(tasks, watch), watchedProjects: () => watch.watched() }
}

/** The tasks module as the composition root holds it. */
export type Tasks = ReturnType<typeof createTasks>
