import { expect, test } from 'vitest'
import { readyQueues } from '../../../server/src/platform/jobs/claim.ts'
import { noteLeftBehind } from '../../../server/src/platform/jobs/left-behind.ts'
import { startServer } from '../../support/server.ts'

test('what workers ask all the time reads neither all jobs nor all dead letters', async () => {
  await using server = await startServer({ variables: { PLINTH_ROLE: 'api' } })
  const { pool } = server.database
  await pool.query(`INSERT INTO jobs (id, name, version, state, trace_id, finished_at)
    SELECT gen_random_uuid(), 'mail.send', 1, 'dead', 'x', now() FROM generate_series(1, 5000)`)
  await pool.query(`INSERT INTO pgboss.job (name, data, source_id, source_name, created_on)
    SELECT 'dead-letters', '{}', id, 'mail.send', now() - interval '2 days' FROM jobs`)
  await pool.query('ANALYZE jobs')
  await pool.query('ANALYZE pgboss.job')

  const plans: string[] = []
  const explained: typeof pool = Object.create(pool, {
    query: {
      async value({ text, values }: { readonly text: string; readonly values: unknown[] }) {
        const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values)
        plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'))
        return { rows: [] }
      },
    },
  })
  const database = { pool: explained }
  await readyQueues(database, ['mail.send', 'reports.generate'])
  await noteLeftBehind(database, { publish: () => undefined }, '1 hour')
  expect(plans).toHaveLength(4)
  for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on (?:jobs|job_common)/)
})
