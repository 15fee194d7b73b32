import pg from 'pg'
import type { NewTask, Stats, Task } from '../shared/schemas.ts'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })

interface User {
  readonly id: string
  readonly email: string
  readonly fullName: string
  readonly passwordHash: string
}

const USER = `SELECT id, email, full_name AS "fullName", password_hash AS "passwordHash" FROM users`
const COLUMNS = `id, project_id AS "projectId", title, description, status, priority, due_at AS "dueAt",
  assignee_id AS "assigneeId", created_by_id AS "createdById", version, created_at AS "createdAt",
  updated_at AS "updatedAt"`

/** An account that is not deleted. */
export async function findUser(id: string): Promise<User | undefined> {
  const { rows } = await pool.query<User>(`${USER} WHERE id = $1 AND deleted_at IS NULL`, [id])
  return rows[0]
}

/** The same by address, for logging in. */
export async function findUserByEmail(email: string): Promise<User | undefined> {
  const { rows } = await pool.query<User>(`${USER} WHERE email = $1 AND deleted_at IS NULL`, [email])
  return rows[0]
}

/** As what somebody is a member of a project. */
export async function findRole(projectId: string, userId: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ role: string }>(
    'SELECT role FROM project_members WHERE project_id = $1 AND user_id = $2',
    [projectId, userId],
  )
  return rows[0]?.role
}

/** A page of a project's tasks, newest first. */
export async function listTasks(projectId: string, limit: number, cursor: string | undefined) {
  const after =
    cursor === undefined ? '' : 'AND (created_at, id) < (SELECT created_at, id FROM tasks WHERE id = $3)'
  const { rows } = await pool.query<Task>(
    `SELECT ${COLUMNS} FROM tasks WHERE project_id = $1 AND deleted_at IS NULL ${after}
     ORDER BY created_at DESC, id DESC LIMIT $2`,
    [projectId, limit + 1, ...(cursor === undefined ? [] : [cursor])],
  )
  const data = rows.slice(0, limit)
  return { data, nextCursor: rows.length > limit ? data.at(-1)?.id : undefined }
}

/** A task that is not deleted. */
export async function findTask(id: string): Promise<Task | undefined> {
  const { rows } = await pool.query<Task>(
    `SELECT ${COLUMNS} FROM tasks WHERE id = $1 AND deleted_at IS NULL`,
    [id],
  )
  return rows[0]
}

/** Writes a task. */
export async function insertTask(projectId: string, userId: string, task: NewTask): Promise<Task> {
  const { title, description = null, status, priority } = task
  const { rows } = await pool.query<Task>(
    `INSERT INTO tasks (id, project_id, title, description, status, priority, created_by_id, updated_at)
     VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, now()) RETURNING ${COLUMNS}`,
    [projectId, title, description, status, priority, userId],
  )
  const [row] = rows
  if (row === undefined) throw new Error('The task was not written')
  return row
}

/** What a user has to do with. */
export async function countWork(userId: string): Promise<Stats> {
  const { rows } = await pool.query<Stats>(
    `SELECT (SELECT count(*)::int FROM project_members WHERE user_id = $1) AS projects,
       (SELECT count(*)::int FROM tasks WHERE created_by_id = $1 AND deleted_at IS NULL) AS "tasksCreated",
       count(*)::int AS "tasksAssigned", (count(*) FILTER (WHERE status = 'done'))::int AS "tasksDone"
     FROM tasks WHERE assignee_id = $1 AND deleted_at IS NULL`,
    [userId],
  )
  const [stats] = rows
  if (stats === undefined) throw new Error('Counting gave no row')
  return stats
}
