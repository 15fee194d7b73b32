import type { Prisma } from '../../platform/database/index.ts'

/** The columns of a `TaskRow` of the table `t`, for statements written by hand. */
export const TASK_COLUMNS = `t.id, t.project_id AS "projectId", t.title, t.description, t.status, t.priority,
  t.due_at AS "dueAt", t.assignee_id AS "assigneeId", t.created_by_id AS "createdById", t.version,
  t.created_at AS "createdAt", t.updated_at AS "updatedAt"`

/** The same for Prisma. */
export const taskSelect = {
  id: true,
  projectId: true,
  title: true,
  description: true,
  status: true,
  priority: true,
  dueAt: true,
  assigneeId: true,
  createdById: true,
  version: true,
  createdAt: true,
  updatedAt: true,
} satisfies Prisma.TaskSelect
