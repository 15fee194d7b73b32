import { mutation, query, router, subscription } from '../../contract/procedure.ts'
import * as schema from './tasks.schema.ts'
import type { TasksService } from './tasks.service.ts'
import type { WatchTasksService } from './watch-tasks.service.ts'

/** `tasks.*`. */
export const createTasksRouter = (tasks: TasksService, watch: WatchTasksService) =>
  router({
    create: mutation({
      summary: 'Create a task in a project.',
      policy: {
        surfaces: { mcp: 'listed' },
        access: { who: 'member', min: 'editor' },
        scope: 'tasks:write',
        limit: 'write',
        audit: 'tasks.create',
      },
      input: schema.TasksCreateInput,
      output: schema.TasksCreateOutput,
      run: (call) => tasks.create(call),
    }),
    createMany: mutation({
      summary: 'Create up to 1,000 tasks in a project at once.',
      description: 'All are created, or none. The answer has them in the order given.',
      policy: {
        surfaces: { mcp: 'listed', rest: 'POST /projects/{projectId}/tasks/batch' },
        access: { who: 'member', min: 'editor' },
        scope: 'tasks:write',
        limit: 'write',
        audit: 'tasks.createMany',
      },
      input: schema.TasksCreateManyInput,
      output: schema.TasksCreateManyOutput,
      run: (call) => tasks.createMany(call),
    }),
    get: query({
      summary: 'Get a task.',
      policy: {
        surfaces: { mcp: 'listed' },
        access: { who: 'member', min: 'viewer' },
        scope: 'tasks:read',
        limit: 'read',
      },
      input: schema.TasksGetInput,
      output: schema.TasksGetOutput,
      run: (call) => tasks.get(call),
    }),
    list: query({
      summary: 'List the tasks of a project: filtered, searched, sorted, newest first.',
      policy: {
        surfaces: { mcp: 'listed' },
        access: { who: 'member', min: 'viewer' },
        scope: 'tasks:read',
        limit: 'read',
      },
      input: schema.TasksListInput,
      output: schema.TasksListOutput,
      run: (call) => tasks.list(call),
    }),
    update: mutation({
      summary: 'Change a task.',
      policy: {
        surfaces: { mcp: 'listed' },
        access: { who: 'member', min: 'editor' },
        scope: 'tasks:write',
        limit: 'write',
        audit: 'tasks.update',
        errors: ['VERSION_CONFLICT'],
      },
      input: schema.TasksUpdateInput,
      output: schema.TasksUpdateOutput,
      run: (call) => tasks.update(call),
    }),
    delete: mutation({
      summary: 'Delete a task; it can be restored.',
      policy: {
        surfaces: { mcp: 'listed' },
        access: { who: 'member', min: 'editor' },
        scope: 'tasks:write',
        limit: 'write',
        audit: 'tasks.delete',
        destructive: true,
      },
      input: schema.TasksDeleteInput,
      output: schema.TasksDeleteOutput,
      run: (call) => tasks.delete(call),
    }),
    restore: mutation({
      summary: 'Bring a deleted task back.',
      description: 'A task that is not deleted stays as it is.',
      policy: {
        access: { who: 'member', min: 'editor' },
        scope: 'tasks:write',
        limit: 'write',
        audit: 'tasks.restore',
        idempotent: true,
      },
      input: schema.TasksRestoreInput,
      output: schema.TasksRestoreOutput,
      run: (call) => tasks.restore(call),
    }),
    onChange: subscription({
      summary: 'Watch the tasks of a project change.',
      description:
        'Committed changes only, in order. Starts with what comes next; with `lastEventId` after that event. Ends when you are removed from the project.',
      policy: {
        surfaces: { rest: 'GET /projects/{projectId}/tasks/changes' },
        access: { who: 'member', min: 'viewer' },
        scope: 'tasks:read',
        limit: 'stream',
        errors: ['RESUME_TOO_OLD'],
      },
      input: schema.TasksOnChangeInput,
      output: schema.TasksOnChangeOutput,
      run: (call) => watch.onChange(call),
    }),
  })
