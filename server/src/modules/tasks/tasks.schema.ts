import { z } from 'zod'
import { exampleId } from '../../contract/example-input.ts'
import { named } from '../../contract/json-schema.ts'
import {
  Done,
  Id,
  listOf,
  pageInput,
  SearchText,
  Timestamp,
  TimestampInput,
  text,
} from '../../contract/schemas.ts'

/** Where a task stands. */
const TaskStatus = z.enum(['todo', 'doing', 'done'])

const priorityMeaning = '0 (none) to 4 (urgent).'

/** A piece of work in a project. */
export const Task = named(
  'Task',
  'A piece of work in a project.',
  z.object({
    id: Id,
    projectId: Id,
    title: z.string().meta({ examples: ['Write the launch notes'] }),
    description: z
      .string()
      .nullable()
      .meta({ examples: ['One page, for customers.'] }),
    status: TaskStatus,
    priority: z.int().describe(priorityMeaning),
    dueAt: Timestamp.nullable(),
    assigneeId: Id.nullable().meta({ examples: [exampleId('user')] }),
    createdById: Id.nullable().meta({ examples: [exampleId('user')] }),
    version: z.int().describe('Counts updates; send it with an update to notice other people’s.'),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  }),
)
export type Task = z.infer<typeof Task>

const Priority = z.int().min(0).max(4).describe(priorityMeaning)

const newTask = {
  title: text(1, 300).meta({ examples: ['Write the launch notes'] }),
  description: text(0, 20_000).nullable().optional(),
  status: TaskStatus.default('todo'),
  priority: Priority.default(0),
  dueAt: TimestampInput.nullable().optional(),
  assigneeId: Id.nullable().optional().describe('A member of the project.'),
}

/** A task as callers give it. */
export const NewTask = z.strictObject(newTask)
export type NewTask = z.output<typeof NewTask>

export const TasksCreateInput = z.strictObject({ projectId: Id, ...newTask })
export const TasksCreateOutput = Task

export const TasksCreateManyInput = z.strictObject({
  projectId: Id,
  tasks: z.array(NewTask).min(1).max(1_000).describe('1–1,000 tasks; all are created, or none.'),
})
export const TasksCreateManyOutput = z.object({ data: z.array(Task).describe('In the order given.') })

export const TasksGetInput = z.strictObject({ id: Id })
export const TasksGetOutput = Task

/** The orders of a list of tasks; `-` means descending. */
export const TaskSort = z.enum([
  'createdAt',
  '-createdAt',
  'updatedAt',
  '-updatedAt',
  'dueAt',
  '-dueAt',
  'priority',
  '-priority',
  'title',
  '-title',
])
export type TaskSort = z.infer<typeof TaskSort>

export const TasksListInput = z.strictObject({
  projectId: Id,
  ...pageInput,
  status: TaskStatus.optional(),
  assigneeId: Id.optional(),
  search: SearchText.optional().describe('Part of the title or description.'),
  sort: TaskSort.default('-createdAt').describe(
    'Tasks without due date come last either way; titles are compared by their first 80 characters, ignoring case.',
  ),
})
export const TasksListOutput = listOf(Task)

export const TasksUpdateInput = z.strictObject({
  id: Id,
  data: z
    .strictObject({
      title: newTask.title.optional(),
      description: newTask.description.describe('Null removes it.'),
      status: TaskStatus.optional(),
      priority: Priority.optional(),
      dueAt: newTask.dueAt.describe('Null removes it.'),
      assigneeId: newTask.assigneeId.describe('A member of the project; null for nobody.'),
    })
    .refine(
      (data) => Object.values(data).some((value) => value !== undefined),
      'Give at least one field to change.',
    ),
  version: z
    .int()
    .min(1)
    .max(2_147_483_647)
    .optional()
    .describe('The version you saw; refused with VERSION_CONFLICT if it is not the current one.'),
})
export const TasksUpdateOutput = Task

export const TasksDeleteInput = z.strictObject({ id: Id })
export const TasksDeleteOutput = Done

export const TasksRestoreInput = z.strictObject({ id: Id })
export const TasksRestoreOutput = Task

export const TasksOnChangeInput = z.strictObject({ projectId: Id })

/** One committed change of a task. */
export const TaskChange = named(
  'TaskChange',
  'One committed change of a task.',
  z.object({
    type: z.enum(['task.created', 'task.updated', 'task.deleted', 'task.restored']),
    task: Task.describe('The task after the change.'),
  }),
)
export type TaskChange = z.infer<typeof TaskChange>
export const TasksOnChangeOutput = TaskChange
