import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { systemClock } from '../../../server/src/platform/clock.ts'
import { createSecrets } from '../../../server/src/platform/secrets/index.ts'
import { createAccessTokens } from '../../../server/src/platform/tokens/index.ts'

/** Somebody with a session and a project. */
export interface Watcher {
  readonly token: string
  readonly projectId: string
}

/**
 * `count` users with a session each, members of `projects` projects in turn, written straight into the tables:
 * registering thousands would take minutes of hashing. The first of a project may write.
 */
export async function insertWatchers(
  client: pg.Client,
  server: { readonly secret: string; readonly issuer: string },
  count: number,
  projects: number,
): Promise<Watcher[]> {
  const tokens = createAccessTokens({
    secrets: createSecrets(server.secret, []),
    clock: systemClock,
    lifetimeMinutes: 30,
    issuer: server.issuer,
  })
  const people = Array.from({ length: count }, (_, number) => ({
    id: randomUUID(),
    session: randomUUID(),
    email: `watcher-${randomUUID()}@bench.example`,
    number,
  }))
  const projectIds = Array.from({ length: projects }, () => randomUUID())
  const projectOf = (number: number) => projectIds[number % projects] ?? ''
  const ids = people.map(({ id }) => id)
  await client.query(
    `INSERT INTO users (id, email, full_name, password_hash, email_verified_at, updated_at)
     SELECT id, email, 'Watcher', 'none', now(), now() FROM unnest($1::uuid[], $2::text[]) AS person(id, email)`,
    [ids, people.map(({ email }) => email)],
  )
  await client.query(
    `INSERT INTO sessions (id, user_id, expires_at)
     SELECT id, user_id, now() + interval '1 day' FROM unnest($1::uuid[], $2::uuid[]) AS session(id, user_id)`,
    [people.map(({ session }) => session), ids],
  )
  await client.query(
    `INSERT INTO projects (id, name, slug, created_by_id, updated_at)
     SELECT id, 'Watched', id::text, $2, now() FROM unnest($1::uuid[]) AS project(id)`,
    [projectIds, ids[0]],
  )
  await client.query(
    `INSERT INTO project_members (project_id, user_id, role, updated_at)
     SELECT project_id, user_id, role::project_role, now()
     FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS member(project_id, user_id, role)`,
    [
      people.map(({ number }) => projectOf(number)),
      ids,
      people.map(({ number }) => (number < projects ? 'editor' : 'viewer')),
    ],
  )
  await client.query('VACUUM ANALYZE')
  return await Promise.all(
    people.map(async ({ id, session, email, number }) => {
      const claims = { userId: id, email, role: 'user', sessionId: session }
      return { token: (await tokens.issue(claims)).token, projectId: projectOf(number) }
    }),
  )
}
