import { constants } from 'node:os'
import { planDemo } from '../../prisma/seed/demo.ts'
import { type Application, createApplication } from './app.ts'
import type { Config } from './config/index.ts'
import { type Database, type LaunchedEmbedded, migrate, openDatabase } from './platform/database/index.ts'
import { giveBackMemoryWhenIdle } from './platform/give-back-memory.ts'
import { createLogger, type Logger } from './platform/logger.ts'
import { startTelemetry, type Telemetry } from './platform/telemetry/index.ts'
import { createHttpServer, type HttpServer } from './surfaces/http/server.ts'
import { welcome } from './welcome.ts'

/**
 * What closing may take after the drain, the end of jobs that do not heed their signal included (4 s, twice at most);
 * longer, and the process ends with an error instead of hanging.
 */
const CLOSE_LIMIT_MS = 12_000

/** What sending the last spans and numbers may take; a collector that is gone must not hold a stop up. */
const FLUSH_LIMIT_MS = 2_000
const LINGER_MS = 200

/** What `main.ts` has begun. */
export interface Begun {
  readonly config: Config
  /** The embedded database on its way; none where a PostgreSQL server is configured. */
  readonly embedded: LaunchedEmbedded | undefined
}

/** The server process from where it has all its modules: opens the database, brings it up to date, serves, and stops in order when told to. */
export async function serve({ config, embedded }: Begun): Promise<void> {
  const logger = createLogger({ level: config.logLevel, format: config.logFormat })
  process.on('unhandledRejection', (error) => crash(logger, error))
  process.on('uncaughtException', (error) => crash(logger, error))

  const telemetry = await startTelemetry(config.telemetry, logger)
  const database = await openDatabase({
    ...(config.databaseUrl === undefined ? {} : { url: config.databaseUrl }),
    dataDirectory: config.dataDirectory,
    poolSize: config.databasePoolSize,
    poolWaitMs: config.databasePoolWaitMs,
    poolWaiting: config.databasePoolWaiting,
    statementTimeoutMs: config.databaseStatementTimeoutMs,
    logger,
    launched: embedded,
  })
  await migrate(database, { logger })
  const app = createApplication(config, database, { logger, telemetry })
  // Before the jobs begin: on an embedded database this would wait behind their first statements.
  await app.accounts.ensureFirstSuperuser()
  const seedDemo = config.seed
    ? await planDemo(database, {
        environment: config.environment,
        hashPassword: (password) => app.passwords.hash(password),
      })
    : async () => null
  await app.start()
  const demo = await seedDemo()
  const server = config.role === 'worker' ? undefined : createHttpServer(app.http, config)
  const port = await server?.listen(config.port, config.host)
  stopOnSignals({ config, app, database, server, telemetry })
  giveBackMemoryWhenIdle()
  // From the start of the process.
  const startedInMs = Math.round(performance.now())
  if (config.logFormat === 'json') logger.info('ready', { startedInMs, port, role: config.role })
  else welcome({ config, database, port, demo, startedInMs })
}

interface Running {
  readonly config: Config
  readonly app: Application
  readonly database: Database
  readonly server: HttpServer | undefined
  readonly telemetry: Telemetry
}

/**
 * SIGTERM and Ctrl-C: not ready at once, still serving for the drain delay, then finish, close and exit 0. A second
 * signal ends the process where it stands; what that leaves undone is what a crash would.
 */
function stopOnSignals(running: Running): void {
  const { app, config } = running
  let stopping = false
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) {
      app.logger.warn('ending at once', { signal })
      setImmediate(() => process.exit(128 + constants.signals[signal]))
      return
    }
    stopping = true
    app.logger.info('stopping', { signal })
    setTimeout(
      () => crash(app.logger, new Error('The server did not stop in time')),
      config.drainDelayMs + config.drainTimeoutMs + CLOSE_LIMIT_MS,
    ).unref()
    stop(running).catch((error: unknown) => crash(app.logger, error))
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal)
}

async function stop({ config, app, database, server, telemetry }: Running): Promise<void> {
  app.beginDraining()
  server?.beginDraining()
  // Side by side, because together they have to be done before a supervisor loses patience (30 s are usual).
  await Promise.all([drainCalls(config, server), app.drain()])
  await app.close()
  await telemetry.close(FLUSH_LIMIT_MS)
  await database.close()
  app.logger.info('stopped')
  process.exitCode = 0
  // Whatever still holds the event loop (a collector that does not answer) must not hold the process.
  setTimeout(() => process.exit(), LINGER_MS).unref()
}

async function drainCalls(config: Config, server: HttpServer | undefined): Promise<void> {
  if (server === undefined) return
  // Balancers ask only now and then whether we are ready, and send calls until they have.
  await new Promise((resolve) => setTimeout(resolve, config.drainDelayMs))
  await server.drain(config.drainTimeoutMs)
}

/** Never limp on after an error nobody expected: say it, and let the supervisor start a clean process. */
function crash(logger: Logger, error: unknown): void {
  logger.error('the process ends because of an unexpected error', { error })
  process.exitCode = 1
  setImmediate(() => process.exit(1))
}
