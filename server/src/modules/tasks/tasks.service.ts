import type { z } from 'zod'
import type { Actor } from '../../contract/actor.ts'
import { fail } from '../../contract/errors.ts'
import { sliceOf } from '../../contract/page-request.ts'
import type { MutationUnit, UnitOfWork } from '../../contract/unit-of-work.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database, Tx } from '../../platform/database/index.ts'
import { type CursorScope, encodeCursor } from '../../platform/pagination/cursor.ts'
import { type Page, pageOf } from '../../platform/pagination/page.ts'
import { sqlValues } from '../../platform/pagination/sql-values.ts'
import { statsTags } from '../accounts/index.ts'
import { auditBypassedRead, given, refuse } from '../projects/index.ts'
import { isForSomebodyElse, tellAssignees } from './assignment-notices.ts'
import { insertTaskSql, insertTasks, taskToCreate } from './create-tasks.ts'
import { listTasks } from './list-tasks.ts'
import { taskEvent } from './task-events.ts'
import { orderOf, sortKeyOf } from './task-order.ts'
import { whyNotCreated, whyNotUpdated } from './task-refusals.ts'
import { presentTask, type TaskRow } from './tasks.presenter.ts'
import * as repository from './tasks.repository.ts'
import type {
  Task,
  TasksCreateInput,
  TasksCreateManyInput,
  TasksGetInput,
  TasksListInput,
  TasksUpdateInput,
} from './tasks.schema.ts'

type Call<Input> = { readonly actor: Actor; readonly input: Input }
type Write<Input, Answer> = Call<Input> & { readonly unit: UnitOfWork<Answer> }
type ById = z.output<typeof TasksGetInput>

/** The tasks of projects. Members read, editors write; to everybody else they do not exist: NOT_FOUND. */
export interface TasksService {
  /** @throws NOT_FOUND, FORBIDDEN, BAD_REQUEST (`assigneeId` is no member) */
  create(call: Call<z.output<typeof TasksCreateInput>> & { readonly unit: MutationUnit<Task> }): Promise<Task>
  /** All or none, in one statement. @throws as {@link create}, naming `tasks.<n>.assigneeId` */
  createMany(call: Write<z.output<typeof TasksCreateManyInput>, { data: Task[] }>): Promise<{ data: Task[] }>
  /** @throws NOT_FOUND */
  get(call: Call<ById>): Promise<Task>
  /** @throws NOT_FOUND, BAD_REQUEST (`cursor`, `page`) */
  list(call: Call<z.output<typeof TasksListInput>>): Promise<Page<Task>>
  /** @throws NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, BAD_REQUEST (`data.assigneeId`) */
  update(call: Write<z.output<typeof TasksUpdateInput>, Task>): Promise<Task>
  /** @throws NOT_FOUND (also the second time), FORBIDDEN */
  delete(call: Write<ById, { ok: true }>): Promise<{ ok: true }>
  /** Brings a deleted task back; one that is not deleted stays as it is. @throws NOT_FOUND, FORBIDDEN */
  restore(call: Write<ById, Task>): Promise<Task>
}

/** What the service is made of. */
export interface TasksServiceDeps {
  readonly database: Database
  readonly clock: Clock
}

/** Builds the {@link TasksService}. */
export function createTasksService({ database, clock }: TasksServiceDeps): TasksService {
  return {
    create: ({ actor, input: { projectId, ...task }, unit }) =>
      unit.commitStatement(({ audit, emit, invalidateEventually }) => {
        const now = clock.now()
        const created = taskToCreate(actor, { projectId, now }, task)
        emit(taskEvent('task.created', created))
        audit({ targetType: 'task', targetId: created.id, changes: { projectId, ...given(task) } })
        invalidateEventually(...statsTags([actor.userId, created.assigneeId]))
        const values = sqlValues()
        return {
          values,
          text: insertTaskSql(values, actor, created),
          answer: created,
          refusal: (db) => whyNotCreated(db, actor, projectId, [task], () => 'assigneeId'),
          afterwards: isForSomebodyElse(actor, created)
            ? (change) => tellAssignees(change, actor, [created], now)
            : undefined,
        }
      }),

    createMany: ({ actor, input: { projectId, tasks }, unit }) =>
      unit.commit(async (change) => {
        const now = clock.now()
        const rows = await insertTasks(change.db, actor, { projectId, now }, tasks)
        if (rows.length === 0) {
          const fieldOf = (index: number) => `tasks.${index}.assigneeId`
          throw await whyNotCreated(change.db, actor, projectId, tasks, fieldOf)
        }
        const data = rows.map(presentTask)
        for (const task of data) change.emit(taskEvent('task.created', task))
        change.invalidateEventually(...statsTags([actor.userId, ...data.map((task) => task.assigneeId)]))
        await tellAssignees(change, actor, data, now)
        const taskIds = data.map((task) => task.id)
        change.audit({ targetType: 'project', targetId: projectId, changes: { taskIds } })
        return { data }
      }),

    async get({ actor, input }) {
      const row = await repository.findTask(database, actor, input.id)
      if (row === null) throw fail('NOT_FOUND')
      await auditBypassedRead(database, actor, { action: 'tasks.get', targetType: 'task', targetId: row.id })
      return presentTask(row)
    },

    async list({ actor, input }) {
      const { limit, projectId, status, assigneeId, search, sort } = input
      const filters = { projectId, status, assigneeId, search, sort }
      const scope: CursorScope = { list: 'tasks', keyType: orderOf(sort).keyType, filters }
      const found = await listTasks(database, actor, filters, sliceOf(input, scope))
      if (found === null) throw fail('NOT_FOUND')
      await auditBypassedRead(database, actor, {
        action: 'tasks.list',
        targetType: 'project',
        targetId: projectId,
      })
      return pageOf(found.rows, {
        limit,
        total: found.total,
        present: presentTask,
        cursorOf: (row) => encodeCursor(scope, { key: sortKeyOf(sort, row), id: row.id }),
      })
    },

    update: ({ actor, input, unit }) =>
      unit.commit(async (change) => {
        const { db, audit, emit, invalidateEventually } = change
        const { id, version } = input
        const changes = given(input.data)
        const former = changes.assigneeId === undefined ? null : await repository.lockAssignee(db, id)
        const row = await repository.updateTask(db, actor, {
          id,
          version,
          data: { ...changes, updatedAt: clock.now() },
          assigneeId: changes.assigneeId ?? undefined,
        })
        if (row === null)
          throw await whyNotUpdated(db, actor, { id, version, assigneeId: changes.assigneeId })
        const task = presentTask(row)
        emit(taskEvent('task.updated', task))
        audit({ targetType: 'task', targetId: id, changes })
        if (changes.status !== undefined || changes.assigneeId !== undefined)
          invalidateEventually(...statsTags([former, task.assigneeId]))
        if (changes.assigneeId !== undefined && former !== task.assigneeId)
          await tellAssignees(change, actor, [task], clock.now())
        return task
      }),

    delete: ({ actor, input: { id }, unit }) =>
      unit.commit(async ({ db, audit, emit, invalidateEventually }) => {
        const row = await repository.softDeleteTask(db, actor, id, clock.now())
        if (row === null) throw await whyNotUpdated(db, actor, { id })
        emit(taskEvent('task.deleted', presentTask(row)))
        audit({ targetType: 'task', targetId: id })
        invalidateEventually(...statsTags([row.createdById, row.assigneeId]))
        return { ok: true }
      }),

    restore: ({ actor, input: { id }, unit }) =>
      unit.commit(async ({ db, audit, emit, invalidateEventually }) => {
        const row = await repository.restoreTask(db, actor, id, clock.now())
        if (row === null) return presentTask(await liveTask(db, actor, id))
        const task = presentTask(row)
        emit(taskEvent('task.restored', task))
        audit({ targetType: 'task', targetId: id })
        invalidateEventually(...statsTags([task.createdById, task.assigneeId]))
        return task
      }),
  }
}

/** What restoring a task that is not deleted answers. */
async function liveTask(db: Tx, actor: Actor, id: string): Promise<TaskRow> {
  const task = await repository.findTaskState(db, id, actor.userId)
  if (task === null) throw fail('NOT_FOUND')
  if (actor.bypass === undefined) refuse(task.role, 'editor')
  return task
}
