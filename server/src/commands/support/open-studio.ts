import type { Database } from '../../platform/database/index.ts'
import { runPrisma } from './run-prisma.ts'
import { withTcp } from './with-tcp.ts'

/** Runs Prisma Studio on `database` until it is ended. */
export async function openStudio(database: Database, args: readonly string[]): Promise<number> {
  return await withTcp(database, (url) => runPrisma(['studio', ...args], url))
}
