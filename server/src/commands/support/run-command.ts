import { type Config, ConfigError, loadConfig } from '../../config/index.ts'
import { type Database, DatabaseError, openDatabase } from '../../platform/database/index.ts'

/**
 * Runs a command on the configured database and sets the exit code. An embedded database that a server has open is
 * used through that server; otherwise it is started for as long as the command runs.
 */
export async function runCommand(
  work: (database: Database, config: Config) => Promise<number>,
): Promise<void> {
  try {
    const config = loadConfig()
    const database = await openDatabase({
      url: config.databaseUrl,
      dataDirectory: config.dataDirectory,
      poolSize: 2,
      poolWaitMs: config.databasePoolWaitMs,
      statementTimeoutMs: config.databaseStatementTimeoutMs,
      attach: true,
      logger: { info: say, warn: say, error: say },
    })
    try {
      process.exitCode = await work(database, config)
    } finally {
      await database.close()
    }
  } catch (error) {
    console.error(`✗ ${explain(error)}`)
    process.exitCode = 1
  }
}

function say(message: string): void {
  console.error(`  ${message}`)
}

function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof DatabaseError) return error.message
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? String(error.code) : ''
  if (code.startsWith('ECONN') || code === 'ENOTFOUND') {
    return `No database answers at DATABASE_URL (${code}). Start it, or correct the address.`
  }
  return error.stack ?? error.message
}
