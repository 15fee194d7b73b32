import { type Db as BossDb, PgBoss } from 'pg-boss'
import type { Database, Tx } from '../database/index.ts'
import type { Logger } from '../logger.ts'

/** The SQL schema that pg-boss keeps its tables in. */
export const BOSS_SCHEMA = 'pgboss'
/** How often workers look for jobs whose worker fell silent, and for schedules that are due. */
const SUPERVISE_SECONDS = 5

/**
 * pg-boss over the connections of this process. It makes its tables at the first start and brings them up to date at
 * later ones; processes that start together wait for each other.
 */
export function createBoss(
  database: Pick<Database, 'pool' | 'kind'>,
  logger: Pick<Logger, 'warn'>,
  options: { readonly works: boolean; readonly schedules: boolean },
): PgBoss {
  const boss = new PgBoss({
    db: { executeSql: (text, values) => database.pool.query(text, values) },
    backend: database.kind === 'embedded' ? 'pglite' : 'postgres',
    schema: BOSS_SCHEMA,
    supervise: options.works,
    schedule: options.works && options.schedules,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
  })
  // Without a listener a database that goes away for a moment would end the process.
  boss.on('error', (error) => logger.warn('the job queue has trouble', { error }))
  boss.on('warning', ({ message, data }) => logger.warn('the job queue warns', { warning: message, data }))
  return boss
}

/** Has pg-boss run its statements inside `tx`. */
export function within(tx: Tx): { readonly db: BossDb } {
  return {
    db: {
      async executeSql(text, values = []) {
        return { rows: await tx.$queryRawUnsafe<Record<string, unknown>[]>(text, ...values) }
      },
    },
  }
}

/** Makes pg-boss's tables, or brings them up to date, without queueing or doing anything. */
export async function prepareBoss(
  database: Pick<Database, 'pool' | 'kind'>,
  logger: Pick<Logger, 'warn'>,
): Promise<void> {
  const boss = createBoss(database, logger, { works: false, schedules: false })
  await boss.start()
  await boss.stop({ graceful: false, close: false })
}
