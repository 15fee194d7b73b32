import type { Database } from '../../../server/src/platform/database/index.ts'
import type { LogIn } from '../../support/people.ts'
import type { TestServer } from '../../support/server.ts'

/** Puts `count` tasks into a project, a third each to do, under way and done (after ten hours), all given to one. */
export async function addTasks(
  database: Database,
  projectId: string,
  count: number,
  assigneeId: string,
): Promise<void> {
  await database.pool.query(
    `INSERT INTO tasks (id, project_id, title, status, priority, assignee_id, due_at, created_at, updated_at)
     SELECT gen_random_uuid(), $1::uuid, 'Task ' || n, (ARRAY['done', 'todo', 'doing']::task_status[])[n % 3 + 1], n % 5,
       $2::uuid, now() + (n % 7 - 3) * interval '1 day', now() - (n % 400) * interval '1 day',
       now() - (n % 400) * interval '1 day' + interval '10 hours'
     FROM generate_series(0, $3::int - 1) AS n`,
    [projectId, assigneeId, count],
  )
}

/** The text of a stored file, as its reader gets it. @throws Error with the status when it is refused */
export async function download(server: TestServer, fileId: string, as: LogIn): Promise<string> {
  const response = await fetch(`${server.baseUrl}/files/${fileId}`, {
    headers: { authorization: `Bearer ${as.token}` },
  })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${response.status}: ${text}`)
  return text
}
