import { type Database, openTcpGate, socketDirectoryOf } from '../../platform/database/index.ts'

/** Runs `work` with an address of `database` for tools that know no Unix sockets: an embedded one gets a port. */
export async function withTcp(
  database: Database,
  work: (connectionString: string) => Promise<number>,
): Promise<number> {
  const directory = socketDirectoryOf(database.connectionString)
  if (directory === undefined) return await work(database.connectionString)
  const gate = await openTcpGate(directory)
  try {
    return await work(gate.connectionString)
  } finally {
    await gate.close()
  }
}
