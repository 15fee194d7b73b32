import { z } from 'zod'

/** What the peers that validate with zod take and give. */
export const Task = z.object({
  id: z.string(),
  projectId: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  status: z.enum(['todo', 'doing', 'done']),
  priority: z.number(),
  dueAt: z.date().nullable(),
  assigneeId: z.string().nullable(),
  createdById: z.string().nullable(),
  version: z.number(),
  createdAt: z.date(),
  updatedAt: z.date(),
})
export type Task = z.infer<typeof Task>

export const ListInput = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.uuid().optional(),
})
export const TaskList = z.object({ data: z.array(Task), nextCursor: z.string().optional() })

export const NewTask = z.object({
  title: z.string().min(1).max(300),
  description: z.string().max(20_000).nullish(),
  status: z.enum(['todo', 'doing', 'done']).default('todo'),
  priority: z.number().int().min(0).max(4).default(0),
})
export type NewTask = z.infer<typeof NewTask>

export const LoginInput = z.object({ email: z.email(), password: z.string().min(1).max(200) })
export const LoggedIn = z.object({
  user: z.object({ id: z.string(), email: z.string(), fullName: z.string() }),
  accessToken: z.string(),
})

export const Stats = z.object({
  projects: z.number(),
  tasksCreated: z.number(),
  tasksAssigned: z.number(),
  tasksDone: z.number(),
})
export type Stats = z.infer<typeof Stats>
