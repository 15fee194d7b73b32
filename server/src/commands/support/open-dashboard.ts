import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Database } from '../../platform/database/index.ts'
import { BOSS_SCHEMA } from '../../platform/jobs/boss.ts'
import { runTool } from './run-tool.ts'
import { withTcp } from './with-tcp.ts'

const USER = 'plinth'

/**
 * Runs pg-boss's dashboard on `database` until it is ended: on the loopback interface, with a password made for this
 * run, because any user of the machine can reach such a port. It only shows: what it would change in pg-boss's tables
 * would be missing in `jobs`. To steer, there are `jobs.cancel` and `jobs.retry`.
 */
export async function openDashboard(database: Database, port: string): Promise<number> {
  const dashboard = dirname(createRequire(import.meta.url).resolve('@pg-boss/dashboard/package.json'))
  const password = randomBytes(12).toString('base64url')
  console.log(
    `Jobs are shown at http://127.0.0.1:${port} (user ${USER}, password ${password}). Ctrl-C ends it.`,
  )
  return await withTcp(database, (url) =>
    runTool(join(dashboard, 'bin/cli.js'), [], {
      DATABASE_URL: url,
      PGBOSS_SCHEMA: BOSS_SCHEMA,
      PGBOSS_DASHBOARD_READ_ONLY: '1',
      PGBOSS_DASHBOARD_AUTH_USERNAME: USER,
      PGBOSS_DASHBOARD_AUTH_PASSWORD: password,
      HOST: '127.0.0.1',
      PORT: port,
      NODE_ENV: 'production',
    }),
  )
}
