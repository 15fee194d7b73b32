import type { ExampleFactory } from './example.ts'

const dueAt = '2027-01-31T12:00:00+01:00'

/** Examples of `tasks.*`. */
export const taskExamples: Record<string, ExampleFactory> = {
  'tasks.create': async (world) => ({
    input: {
      projectId: (await world.project()).projectId,
      title: 'New',
      description: 'Why',
      status: 'doing',
      priority: 2,
      dueAt,
      assigneeId: world.principals.viewer.id,
    },
  }),
  'tasks.createMany': async (world) => ({
    input: {
      projectId: (await world.project()).projectId,
      tasks: [
        { title: 'First', description: null, dueAt },
        { title: 'Second', priority: 4, status: 'done' },
      ],
    },
  }),
  'tasks.get': async (world) => ({ input: { id: world.alpha.taskId } }),
  'tasks.list': async (world) => ({
    input: { projectId: world.alpha.projectId, search: 'task', sort: 'title', limit: 5, status: 'todo' },
  }),
  'tasks.update': async (world) => ({
    input: { id: (await world.project()).taskId, data: { title: 'Changed', status: 'done' }, version: 1 },
  }),
  'tasks.delete': async (world) => ({ input: { id: (await world.project()).taskId } }),
  'tasks.restore': async (world) => {
    const { taskId } = await world.project()
    await world.server.database.prisma.task.update({ where: { id: taskId }, data: { deletedAt: new Date() } })
    return { input: { id: taskId } }
  },
  'tasks.onChange': async (world) => ({ input: { projectId: world.alpha.projectId } }),
}
