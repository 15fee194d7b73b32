import type { Actor } from '../../contract/actor.ts'
import { queryIn, type Tx } from '../../platform/database/index.ts'
import { newIds } from '../../platform/ids.ts'
import { sqlValues } from '../../platform/pagination/sql-values.ts'
import { seatSql } from '../projects/index.ts'
import { TASK_COLUMNS } from './task-columns.ts'
import type { TaskRow } from './tasks.presenter.ts'
import type { NewTask } from './tasks.schema.ts'

/** Where and when tasks are created. */
export interface CreatePlace {
  readonly projectId: string
  readonly now: Date
}

/**
 * Creates all tasks with one statement, or none: when `actor` may not write to the project, or an assignee is not a
 * member of it, the answer is empty. Rows come back in the order given.
 */
export async function insertTasks(
  tx: Tx,
  actor: Actor,
  { projectId, now }: CreatePlace,
  tasks: readonly NewTask[],
): Promise<TaskRow[]> {
  const values = sqlValues()
  const seat = seatSql(values, actor, values.bind(projectId, 'uuid'), 'editor')
  // Ids ascend, so that sorting by them gives the order in which the tasks came.
  const ids = newIds(tasks.length, now)
  const numbered = JSON.stringify(tasks.map((task, index) => ({ ...task, id: ids[index] })))
  // One JSON value: a parameter per field would be 9,000 of them.
  const items = `json_to_recordset(${values.bind(numbered, 'json')}) AS item(id uuid, title text,
    description text, status task_status, priority smallint, "dueAt" timestamptz, "assigneeId" uuid)`
  const stamp = values.bind(now.toISOString(), 'timestamptz')
  const assignees = [...new Set(tasks.flatMap((task) => task.assigneeId ?? []))]
  const text = `
    INSERT INTO tasks AS t (id, project_id, title, description, status, priority, due_at, assignee_id,
      created_by_id, created_at, updated_at)
    SELECT item.id, seat.id, item.title, item.description, item.status, item.priority, item."dueAt",
      item."assigneeId", ${values.bind(actor.userId, 'uuid')}, ${stamp}, ${stamp}
    FROM (${seat}) seat CROSS JOIN ${items}
    WHERE ${values.bind(assignees.length, 'int')} = (
      SELECT count(*) FROM project_members a JOIN users u ON u.id = a.user_id AND u.deleted_at IS NULL
      WHERE a.project_id = seat.id AND a.user_id IN (
        SELECT value::uuid FROM json_array_elements_text(${values.bind(JSON.stringify(assignees), 'json')})))
    RETURNING ${TASK_COLUMNS}`
  const rows = await queryIn<TaskRow & { [column: string]: unknown }>(tx, values.statement(text))
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1))
}
