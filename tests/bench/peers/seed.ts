import bcrypt from 'bcrypt'
import type pg from 'pg'
import { createPasswordHasher } from '../../../server/src/platform/passwords/index.ts'
import { createSecrets } from '../../../server/src/platform/secrets/index.ts'
import { PASSWORD, POPULATION, PREFIXES } from './population.ts'

const COST = 10
const { users, projects, tasksPerProject } = POPULATION

/**
 * Fills a migrated database: the same rows every time. Users of even number have a hash of Plinth's form (peppered with
 * `secret`), those of odd number one of the usual form, of the same password and cost.
 */
export async function seed(client: pg.Client, secret: string): Promise<void> {
  const hasher = createPasswordHasher({ secrets: createSecrets(secret), cost: COST, queueSize: 1 })
  const hashes = [await hasher.hash(PASSWORD), await bcrypt.hash(PASSWORD, COST)]
  await hasher.close()
  await client.query(
    `INSERT INTO users (id, email, full_name, password_hash, email_verified_at, updated_at)
     SELECT ${id('user', 'n')}, 'person-' || n || '@bench.example', 'Person ' || n, ($1::text[])[1 + n % 2], now(), now()
     FROM generate_series(0, ${users - 1}) n`,
    [hashes],
  )
  await client.query(
    `INSERT INTO sessions (id, user_id, expires_at)
     SELECT ${id('session', 'n')}, ${id('user', 'n')}, now() + interval '7 days'
     FROM generate_series(0, ${users - 1}) n`,
  )
  await client.query(
    `INSERT INTO projects (id, name, slug, created_by_id, updated_at)
     SELECT ${id('project', 'n')}, 'Project ' || n, 'project-' || n, ${id('user', `n % ${users}`)}, now()
     FROM generate_series(0, ${projects - 1}) n`,
  )
  await insertMembers(client)
  await client.query(
    `INSERT INTO tasks (id, project_id, title, description, status, priority, due_at, assignee_id, created_by_id,
       created_at, updated_at)
     SELECT ${id('task', 'n')}, ${id('project', `n / ${tasksPerProject}`)}, 'Task number ' || n,
       repeat('What there is to do. ', 5), (ARRAY['todo', 'doing', 'done'])[1 + n % 3]::task_status, n % 5,
       CASE WHEN n % 2 = 0 THEN timestamptz '2027-01-01Z' + n * interval '1 minute' END, owner.id, owner.id,
       timestamptz '2026-01-01Z' + n * interval '1 second', timestamptz '2026-06-01Z'
     FROM generate_series(0, ${projects * tasksPerProject - 1}) n,
       LATERAL (SELECT ${id('user', `n / ${tasksPerProject} % ${users}`)} AS id) owner`,
  )
  await client.query('VACUUM ANALYZE')
}

/** Each project has an owner and two editors; everybody looks at the first. */
async function insertMembers(client: pg.Client): Promise<void> {
  await client.query(
    `INSERT INTO project_members (project_id, user_id, role, updated_at)
     SELECT ${id('project', 'n')}, ${id('user', `(n + seat.place) % ${users}`)}, seat.role::project_role, now()
     FROM generate_series(0, ${projects - 1}) n,
       (VALUES (0, 'owner'), (1, 'editor'), (7, 'editor')) AS seat(place, role)`,
  )
  await client.query(
    `INSERT INTO project_members (project_id, user_id, role, updated_at)
     SELECT ${id('project', '0')}, ${id('user', 'n')}, 'viewer', now() FROM generate_series(0, ${users - 1}) n
     ON CONFLICT DO NOTHING`,
  )
}

/** `idOf(kind, number)` in SQL. */
function id(kind: keyof typeof PREFIXES, number: string): string {
  return `('${PREFIXES[kind]}' || lpad(to_hex(${number}), 12, '0'))::uuid`
}
