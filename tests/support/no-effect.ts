import { expect } from 'vitest'
import type { Database } from '../../server/src/platform/database/index.ts'
import { until } from './until.ts'

/** Refused calls may be audited and counted. */
const MAY_CHANGE = ['audit_events', 'rate_limits', '_prisma_migrations']
/** Written beside the calls: when a key was last used, and what jobs (those that send mails, too) have done. */
const VOLATILE = [
  ...['last_used_at', 'attempts', 'sending', 'sent_at', 'failed_at', 'last_error'],
  ...['state', 'attempt', 'result', 'revision', 'singleton_key', 'started_at', 'finished_at'],
]
/** Rows that are written beside the calls: how jobs that were queued before go on. */
const BESIDE: Readonly<Record<string, string>> = { events: "WHERE t.stream NOT LIKE 'job:%'" }

/** Rows and a hash over all rows, per table. */
export type Snapshot = Readonly<Record<string, string>>

const statements = new WeakMap<Database, string>()

/** The state of every table a refused call must leave alone; one round trip. */
export async function snapshot(database: Database): Promise<Snapshot> {
  const statement = statements.get(database) ?? (await prepare(database))
  const { rows } = await database.pool.query<{ name: string; state: string }>(statement)
  return Object.fromEntries(rows.map(({ name, state }) => [name, state]))
}

/** Runs `work`, which must change nothing; returns its answer. */
export async function expectNoEffect<T>(database: Database, work: () => Promise<T>): Promise<T> {
  await jobsAtRest(database)
  const before = await snapshot(database)
  const answer = await work()
  expect(await snapshot(database), 'a refused call changes nothing').toEqual(before)
  return answer
}

/** What earlier calls queued would otherwise be taken for an effect of this one. */
export async function jobsAtRest(database: Database): Promise<void> {
  await until(
    'the jobs of earlier calls to end',
    async () => {
      const { rowCount } = await database.pool.query(`SELECT 1 FROM pgboss.job
        WHERE state = 'active' OR (state IN ('created', 'retry') AND start_after <= now()) LIMIT 1`)
      return rowCount === 0 ? true : undefined
    },
    20_000,
  )
}

async function prepare(database: Database): Promise<string> {
  const { rows } = await database.pool.query<{ tablename: string }>(
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
  )
  const tables = rows.map(({ tablename }) => tablename).filter((name) => !MAY_CHANGE.includes(name))
  if (tables.length < 5) throw new Error('There are hardly any tables: the snapshot would prove nothing')
  const volatile = VOLATILE.map((column) => `'${column}'`).join(', ')
  const statement = tables
    .map(
      (name) => `SELECT '${name}' AS name, count(*) || ' rows, ' ||
        coalesce(sum(hashtextextended((to_jsonb(t) - ARRAY[${volatile}])::text, 0)::numeric), 0) AS state FROM "${name}" t ${BESIDE[name] ?? ''}`,
    )
    .join('\nUNION ALL ')
  statements.set(database, statement)
  return statement
}
