import type { Express } from 'express'
import { openCallLimiter } from './call-limiter.ts'
import type { Config } from './config/index.ts'
import type { ContractRuntime } from './contract/call-context.ts'
import { createCredentialWatch } from './contract/credential-watch.ts'
import type { JobHandler } from './contract/job.ts'
import { once } from './contract/once.ts'
import { registryOf } from './contract/registry.ts'
import { createJobRunner } from './contract/run-job.ts'
import { createStreamSlots } from './contract/stream-slots.ts'
import { createHttp } from './create-http.ts'
import { createModules } from './create-modules.ts'
import { serverGauges } from './gauges.ts'
import type { Accounts } from './modules/accounts/index.ts'
import type { Files } from './modules/files/index.ts'
import type { Flags } from './modules/flags/index.ts'
import { createJobs } from './modules/jobs/index.ts'
import type { Knowledge } from './modules/knowledge/index.ts'
import type { Models } from './modules/models/index.ts'
import { createSystem } from './modules/system/index.ts'
import { type Cache, createCache } from './platform/cache/index.ts'
import { type Clock, systemClock } from './platform/clock.ts'
import { createSweeper, type Database } from './platform/database/index.ts'
import { type Bus, createBus } from './platform/events/bus.ts'
import { createStreamBackstop } from './platform/events/stream-backstop.ts'
import type { FlagProvider } from './platform/flags/flag-client.ts'
import { createJobEngine } from './platform/jobs/job-engine.ts'
import { createLoadGuard } from './platform/limits/index.ts'
import { createLlmRegistry, type LlmAdapter, type LlmRegistry } from './platform/llm/index.ts'
import { createLogger, type Logger } from './platform/logger.ts'
import { createMailer, type MailTransport } from './platform/mail/index.ts'
import { createOutbound } from './platform/outbound/index.ts'
import { createPasswordHasher, type PasswordHasher } from './platform/passwords/index.ts'
import { createRedisConnection } from './platform/redis/index.ts'
import { createSecrets } from './platform/secrets/index.ts'
import { createStorage, type Storage } from './platform/storage/index.ts'
import { type Telemetry, watchGauges } from './platform/telemetry/index.ts'
import { createVectorStore, type VectorStore } from './platform/vectors/index.ts'
import { retention } from './retention.ts'
import { handleRetentionSweep } from './retention-job.ts'
import { type AppRouter, createAppRouter } from './router.ts'
import { sendMails } from './send-mails.ts'
import { createAgentTools } from './surfaces/agent-tools/index.ts'

/** Parts that may be replaced: by tests, and the flag provider by whoever has a flag service. */
export interface Overrides {
  readonly clock?: Clock
  readonly logger?: Logger
  readonly mailTransport?: MailTransport
  readonly storage?: Storage
  readonly vectorStore?: VectorStore
  /** Decides the feature flags instead of the database; any provider of OpenFeature. */
  readonly flagProvider?: FlagProvider
  /** Ways of reaching models; each takes the place of the provider of its name, or joins them. */
  readonly llmProviders?: readonly LlmAdapter[]
  /** What `serve.ts` started; none unless given. */
  readonly telemetry?: Telemetry
  /** More kinds of jobs. */
  readonly jobHandlers?: readonly JobHandler[]
  /** Whether jobs begin by their schedules; they do unless told. */
  readonly schedules?: boolean
  /** How long jobs under way may go on when the process stops, in milliseconds; as long as calls, 15 seconds at most. */
  readonly jobGraceMs?: number
}

/** Jobs under way have so long at most when the process is told to stop; then they go back and run elsewhere. */
const JOB_GRACE_MS = 15_000

/** The whole server, built and not yet started. */
export interface Application {
  readonly router: AppRouter
  readonly runtime: ContractRuntime
  readonly accounts: Accounts
  readonly flags: Flags
  readonly files: Files
  readonly models: Models
  readonly knowledge: Knowledge
  readonly vectors: VectorStore
  readonly http: Express
  readonly passwords: PasswordHasher
  readonly cache: Cache
  /** Where more kinds of providers are registered. */
  readonly llm: LlmRegistry
  readonly logger: Logger
  /** Starts what runs beside the calls: notifications between processes, and in workers the jobs. */
  start(): Promise<void>
  /** Makes `/readyz` answer 503. */
  beginDraining(): void
  /** Lets jobs under way finish, and sends back to the queue what takes too long. Calls are still answered. */
  drain(): Promise<void>
  /** Stops what {@link start} started. The database stays open. */
  close(): Promise<void>
}

/**
 * The composition root: builds every service by hand, the modules in `create-modules.ts` and what answers HTTP in
 * `create-http.ts`; nothing else builds any. Does no I/O.
 */
export function createApplication(
  config: Config,
  database: Database,
  overrides: Overrides = {},
): Application {
  const clock = overrides.clock ?? systemClock
  const logger = overrides.logger ?? createLogger({ level: config.logLevel, format: config.logFormat })
  const secrets = createSecrets(config.jwtSecret, config.previousJwtSecrets)
  const bus: Bus = createBus(database, logger)
  const backstop = createStreamBackstop({ database, bus, logger })
  const storage = overrides.storage ?? createStorage(config.storage, logger)
  const vectors = overrides.vectorStore ?? createVectorStore(config.vectors, database, logger)
  const redis = config.redisUrl === undefined ? undefined : createRedisConnection(config.redisUrl, logger)
  // Two installations on one Redis must not read each other's keys.
  const redisPrefix = `plinth:${secrets.mac('redis', 'keys').slice(0, 10)}`
  const cache = createCache({ database, bus, redis, prefix: `${redisPrefix}:cache` })
  const passwords = createPasswordHasher({
    secrets,
    cost: config.bcryptCost,
    queueSize: config.passwordQueueSize,
  })

  const outbound = createOutbound(config.outbound)
  const llm = createLlmRegistry(config.llm, outbound, overrides.llmProviders)
  const modules = createModules({
    config,
    database,
    bus,
    backstop,
    cache,
    clock,
    secrets,
    logger,
    storage,
    vectors,
    passwords,
    outbound,
    llm,
    flagProvider: overrides.flagProvider,
    // Made later: the queue knows what works for it, and the tools are the procedures of all modules.
    jobs: () => jobs,
    toolbox: once(() => createAgentTools({ router, registry: registryOf(router), runtime })),
  })
  const { accounts, files, flags, notifications, reports, models, knowledge, chat, agents } = modules

  const mailer = createMailer({
    config,
    database,
    clock,
    logger,
    templates: { ...accounts.mailTemplates, ...notifications.mailTemplates },
    transport: overrides.mailTransport,
  })
  const jobHandlers: readonly JobHandler[] = [
    sendMails(mailer),
    ...reports.jobs,
    ...chat.jobs,
    ...agents.jobs,
    ...models.jobs,
    ...knowledge.jobs,
    handleRetentionSweep(createSweeper(database, retention, logger)),
    ...(overrides.jobHandlers ?? []),
  ]
  const jobGraceMs =
    overrides.jobGraceMs ?? Math.min(JOB_GRACE_MS, config.drainDelayMs + config.drainTimeoutMs)
  const jobs = createJobEngine({
    database,
    bus,
    logger,
    definitions: jobHandlers.map(({ definition }) => definition),
    works: config.role !== 'api',
    schedules: overrides.schedules ?? true,
  })
  const jobsModule = createJobs({ database, bus, backstop, control: jobs.control })
  const router = createAppRouter({ ...modules, jobs: jobsModule, system: createSystem({ clock }) })

  const runtime: ContractRuntime = {
    authenticator: accounts.authenticator,
    limiter: openCallLimiter(config, database, redis, `${redisPrefix}:limit`),
    streamSlots: createStreamSlots({
      perUser: config.maxStreamsPerUser,
      perAddress: config.maxStreamsPerAddress,
      perProcess: config.maxStreams,
    }),
    credentialWatch: createCredentialWatch(accounts.authenticator),
    database,
    bus,
    jobs,
    uploads: files.uploads,
    secrets,
    clock,
    logger,
  }

  const load = createLoadGuard({
    maxRunning: config.maxRunningCalls,
    maxLoopDelayMs: config.maxLoopDelayMs,
    queues: [{ length: () => database.pool.waitingCount, max: config.databasePoolWaiting }],
  })
  let draining = false
  const http = createHttp({
    config,
    router,
    runtime,
    draining: () => draining,
    load,
    redis,
    jobs,
    storage,
    vectors,
    mailer,
    downloads: files.downloads,
    telemetry: overrides.telemetry,
  })

  const stopGauges = watchGauges(
    serverGauges({ database, streamSlots: runtime.streamSlots, load, works: config.role !== 'api' }),
  )

  return {
    router,
    runtime,
    accounts,
    flags,
    files,
    models,
    knowledge,
    vectors,
    http,
    passwords,
    cache,
    llm,
    logger,
    async start() {
      await Promise.all([bus.start(), redis?.start()])
      // By itself: without a connection in time it would go without pgvector for as long as the process lives.
      await vectors.start()
      await Promise.all([storage.start(), flags.start(), models.start()])
      const { loadJobOwner: loadOwner } = accounts
      await jobs.start(createJobRunner({ runtime, handlers: jobHandlers, loadOwner }))
      files.start(config.role !== 'api')
      knowledge.start(config.role !== 'api' && (overrides.schedules ?? true))
    },
    beginDraining() {
      draining = true
      jobs.pause()
    },
    drain: () => jobs.drain(jobGraceMs),
    async close() {
      stopGauges()
      load.close()
      await jobs.stop(jobGraceMs)
      chat.close()
      mailer.close()
      flags.close()
      await files.close()
      await accounts.close()
      await passwords.close()
      await reports.close()
      await knowledge.close()
      await storage.close()
      await outbound.close()
      await vectors.close()
      await cache.close()
      await redis?.close()
      await bus.close()
    },
  }
}
