import { type Database, openTcpGate, socketDirectoryOf } from '../../platform/database/index.ts'
import { runPrisma } from './run-prisma.ts'

/** Runs Prisma Studio on `database` until it is ended. It knows no Unix sockets, so an embedded one gets a port. */
export async function openStudio(database: Database, args: readonly string[]): Promise<number> {
  const directory = socketDirectoryOf(database.connectionString)
  if (directory === undefined) return runPrisma(['studio', ...args], database.connectionString)
  const gate = await openTcpGate(directory)
  try {
    return await runPrisma(['studio', ...args], gate.connectionString)
  } finally {
    await gate.close()
  }
}
