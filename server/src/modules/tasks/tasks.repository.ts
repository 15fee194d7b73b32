import type { Actor } from '../../contract/actor.ts'
import { type Db, gathered, type Prisma, pipelinedQuery } from '../../platform/database/index.ts'
import { perId, sqlValues } from '../../platform/pagination/sql-values.ts'
import { liveProjectOf, seatSql } from '../projects/index.ts'
import { TASK_COLUMNS, taskSelect } from './task-columns.ts'
import type { TaskRow } from './tasks.presenter.ts'

/** A live task that `actor` may read, or null. One round trip for all that a batch asks for. */
export const findTask = gathered(async (database, actor: Actor, ids) => {
  const values = sqlValues()
  const seat = seatSql(values, actor, 't.project_id', 'viewer')
  const from = `FROM tasks t CROSS JOIN LATERAL (${seat}) seat`
  const text = perId(
    values,
    ids,
    (id) => `SELECT ${TASK_COLUMNS} ${from} WHERE t.id = ${id} AND t.deleted_at IS NULL`,
  )
  return await pipelinedQuery<TaskRow & { [column: string]: unknown }>(database, values.statement(text))
})

/** What is to become of which task. */
export interface TaskUpdate {
  readonly id: string
  readonly version: number | undefined
  readonly data: Prisma.TaskUncheckedUpdateManyInput
  /** Must be a member of the project. */
  readonly assigneeId: string | undefined
}

/**
 * Changes a live task that `actor` may write, if it is still at `version` and the assignee is a member; null when one
 * of these does not hold.
 */
export async function updateTask(db: Db, actor: Actor, update: TaskUpdate): Promise<TaskRow | null> {
  const { id, version, data, assigneeId } = update
  const rows = await db.task.updateManyAndReturn({
    where: {
      id,
      deletedAt: null,
      ...(version === undefined ? {} : { version }),
      project: {
        AND: [liveProjectOf(actor, 'editor'), assigneeId === undefined ? {} : hasMember(assigneeId)],
      },
    },
    data: { ...data, version: { increment: 1 } },
    select: taskSelect,
  })
  return rows[0] ?? null
}

/**
 * Who a task is assigned to, locked until commit, so that of two who assign it at once the second sees whom the first
 * took it to. Says nothing to the caller and asks no rights; {@link updateTask} does.
 */
export async function lockAssignee(db: Db, id: string): Promise<string | null> {
  const rows = await db.$queryRaw<{ assigneeId: string | null }[]>`
    SELECT assignee_id AS "assigneeId" FROM tasks WHERE id = ${id}::uuid FOR NO KEY UPDATE`
  return rows[0]?.assigneeId ?? null
}

/** Marks a live task as deleted; null when `actor` may not write it or it is not there. */
export async function softDeleteTask(db: Db, actor: Actor, id: string, now: Date): Promise<TaskRow | null> {
  return move(db, { id, deletedAt: null }, actor, { deletedAt: now, updatedAt: now })
}

/** Brings a deleted task back; null when `actor` may not write it or it is not deleted. */
export async function restoreTask(db: Db, actor: Actor, id: string, now: Date): Promise<TaskRow | null> {
  return move(db, { id, deletedAt: { not: null } }, actor, { deletedAt: null, updatedAt: now })
}

async function move(
  db: Db,
  where: Prisma.TaskWhereInput,
  actor: Actor,
  data: Prisma.TaskUncheckedUpdateManyInput,
): Promise<TaskRow | null> {
  const rows = await db.task.updateManyAndReturn({
    where: { ...where, project: liveProjectOf(actor, 'editor') },
    data: { ...data, version: { increment: 1 } },
    select: taskSelect,
  })
  return rows[0] ?? null
}

/** A task of a live project, deleted or not, with the role of `userId` in the project; null when there is none. */
export async function findTaskState(db: Db, id: string, userId: string) {
  const row = await db.task.findFirst({
    where: { id, project: { deletedAt: null } },
    select: {
      ...taskSelect,
      deletedAt: true,
      project: { select: { members: { where: { userId }, select: { role: true } } } },
    },
  })
  return row === null ? null : { ...row, role: row.project.members[0]?.role }
}

/** Those of `userIds` that can be given tasks in the project. */
export async function membersAmong(
  db: Db,
  projectId: string,
  userIds: readonly string[],
): Promise<Set<string>> {
  const rows = await db.projectMember.findMany({
    where: { projectId, userId: { in: [...userIds] }, user: { deletedAt: null } },
    select: { userId: true },
  })
  return new Set(rows.map((row) => row.userId))
}

function hasMember(userId: string): Prisma.ProjectWhereInput {
  return { members: { some: { userId, user: { deletedAt: null } } } }
}
