import type pg from 'pg'
import type { Person } from './people.ts'

const PEOPLE_PER_PROJECT = 6
const TASKS_PER_PROJECT = 500

/**
 * Projects of 500 tasks with six members each, written straight into the tables.
 * @returns the project of each person, in their order
 */
export async function insertProjects(client: pg.Client, people: readonly Person[]): Promise<string[]> {
  const projects: string[] = []
  for (let first = 0; first < people.length; first += PEOPLE_PER_PROJECT) {
    const members = people.slice(first, first + PEOPLE_PER_PROJECT)
    const project = await insertProject(client, first / PEOPLE_PER_PROJECT, members)
    projects.push(...members.map(() => project))
  }
  // What autovacuum does a minute later.
  await client.query('VACUUM ANALYZE')
  return projects
}

async function insertProject(client: pg.Client, number: number, members: readonly Person[]): Promise<string> {
  const ids = members.map(({ id }) => id)
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO projects (id, name, slug, created_by_id, updated_at)
     VALUES (gen_random_uuid(), $1, $2, $3, now()) RETURNING id`,
    [`Project ${number}`, `project-${number}`, ids[0]],
  )
  const id = rows[0]?.id
  if (id === undefined) throw new Error('The project was not written')
  await client.query(
    `INSERT INTO project_members (project_id, user_id, role, updated_at)
     SELECT $1, member, 'editor', now() FROM unnest($2::uuid[]) member`,
    [id, ids],
  )
  await client.query(
    `INSERT INTO tasks (id, project_id, title, description, status, priority, due_at, assignee_id, created_by_id,
       created_at, updated_at)
     SELECT gen_random_uuid(), $1, 'Task number ' || n, repeat('What there is to do. ', 5),
       (ARRAY['todo', 'doing', 'done'])[1 + n % 3]::task_status, n % 5, now() + n * interval '1 hour', $2, $2,
       now() - n * interval '1 minute', now()
     FROM generate_series(1, ${TASKS_PER_PROJECT}) n`,
    [id, ids[0]],
  )
  return id
}
