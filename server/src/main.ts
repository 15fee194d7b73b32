import { parseArgs } from 'node:util'
import { type Config, ConfigError, loadConfig } from './config/index.ts'
import { DatabaseError } from './platform/database/database-error.ts'
import { launchEmbedded } from './platform/database/embedded/embedded-server.ts'
import { PortTakenError, requireFreePort } from './surfaces/http/listen.ts'

/**
 * Begins the server process: what takes long goes side by side. The embedded database starts in its own process while
 * this one loads all its modules (0.35 s each), so nothing is imported here that the first does not need.
 */
async function main(): Promise<void> {
  const config = configure()
  if (config.role !== 'worker') await requireFreePort(config.port, config.host)
  const embedded = config.databaseUrl === undefined ? await launchEmbedded(config.dataDirectory) : undefined
  const { serve } = await import('./serve.ts')
  await serve({ config, embedded })
}

function configure(): Config {
  const { values } = parseArgs({ options: { port: { type: 'string' }, role: { type: 'string' } } })
  return loadConfig(undefined, {
    ...(values.port === undefined ? {} : { PORT: values.port }),
    ...(values.role === undefined ? {} : { PLINTH_ROLE: values.role }),
  })
}

/** The message for what a person can put right, the stack for everything else. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const expected = [ConfigError, DatabaseError, PortTakenError].some((kind) => error instanceof kind)
  return expected ? error.message : (error.stack ?? error.message)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${explain(error)}\n`)
  process.exit(1)
}
