import { and, desc, eq, getTableColumns, isNull, sql } from 'drizzle-orm'
import type { NewTask, Stats } from '../shared/schemas.ts'
import { db } from './database.ts'
import { projectMembers, tasks, users } from './schema.ts'

const { deletedAt, ...taskColumns } = getTableColumns(tasks)

/** An account that is not deleted. */
export const findUser = (id: string) =>
  db.query.users.findFirst({ where: and(eq(users.id, id), isNull(users.deletedAt)) })

/** The same by address, for logging in. */
export const findUserByEmail = (email: string) =>
  db.query.users.findFirst({ where: and(eq(users.email, email), isNull(users.deletedAt)) })

/** Whether, and as what, somebody is a member of a project. */
export const findMembership = (projectId: string, userId: string) =>
  db.query.projectMembers.findFirst({
    where: and(eq(projectMembers.projectId, projectId), eq(projectMembers.userId, userId)),
  })

/** A page of a project's tasks, newest first. */
export async function listTasks(projectId: string, limit: number, cursor?: string) {
  const rows = await db
    .select(taskColumns)
    .from(tasks)
    .where(and(eq(tasks.projectId, projectId), isNull(deletedAt), cursor ? after(cursor) : undefined))
    .orderBy(desc(tasks.createdAt), desc(tasks.id))
    .limit(limit + 1)
  const data = rows.slice(0, limit)
  return { data, nextCursor: rows.length > limit ? data.at(-1)?.id : undefined }
}

const after = (id: string) =>
  sql`(${tasks.createdAt}, ${tasks.id}) < (SELECT created_at, id FROM tasks WHERE id = ${id})`

/** A task that is not deleted. */
export async function findTask(id: string) {
  const [task] = await db
    .select(taskColumns)
    .from(tasks)
    .where(and(eq(tasks.id, id), isNull(deletedAt)))
  return task
}

/** Writes a task. */
export async function insertTask(projectId: string, userId: string, task: NewTask) {
  const [row] = await db
    .insert(tasks)
    .values({ ...task, projectId, createdById: userId })
    .returning(taskColumns)
  if (row === undefined) throw new Error('The task was not written')
  return row
}

/** What a user has to do with. */
export async function countWork(userId: string): Promise<Stats> {
  const assigned = and(eq(tasks.assigneeId, userId), isNull(deletedAt))
  return {
    projects: await db.$count(projectMembers, eq(projectMembers.userId, userId)),
    tasksCreated: await db.$count(tasks, and(eq(tasks.createdById, userId), isNull(deletedAt))),
    tasksAssigned: await db.$count(tasks, assigned),
    tasksDone: await db.$count(tasks, and(assigned, eq(tasks.status, 'done'))),
  }
}
