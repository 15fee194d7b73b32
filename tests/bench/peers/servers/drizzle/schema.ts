import { randomUUID } from 'node:crypto'
import { integer, pgEnum, pgTable, primaryKey, smallint, text, timestamp, uuid } from 'drizzle-orm/pg-core'

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 })

export const projectRole = pgEnum('project_role', ['viewer', 'editor', 'owner'])
export const taskStatus = pgEnum('task_status', ['todo', 'doing', 'done'])

export const users = pgTable('users', {
  id: uuid('id').primaryKey(),
  email: text('email').notNull(),
  fullName: text('full_name').notNull(),
  passwordHash: text('password_hash').notNull(),
  suspendedAt: moment('suspended_at'),
  deletedAt: moment('deleted_at'),
})

export const projectMembers = pgTable(
  'project_members',
  {
    projectId: uuid('project_id').notNull(),
    userId: uuid('user_id').notNull(),
    role: projectRole('role').notNull(),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.userId] })],
)

export const tasks = pgTable('tasks', {
  id: uuid('id')
    .primaryKey()
    .$defaultFn(() => randomUUID()),
  projectId: uuid('project_id').notNull(),
  title: text('title').notNull(),
  description: text('description'),
  status: taskStatus('status').notNull().default('todo'),
  priority: smallint('priority').notNull().default(0),
  dueAt: moment('due_at'),
  assigneeId: uuid('assignee_id'),
  createdById: uuid('created_by_id'),
  version: integer('version').notNull().default(1),
  createdAt: moment('created_at').notNull().defaultNow(),
  updatedAt: moment('updated_at')
    .notNull()
    .$onUpdate(() => new Date()),
  deletedAt: moment('deleted_at'),
})
