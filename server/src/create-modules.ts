import type { Config } from './config/index.ts'
import { createAccounts } from './modules/accounts/index.ts'
import { createAgents, type FindToolbox } from './modules/agents/index.ts'
import { createAudit } from './modules/audit/index.ts'
import { createChat } from './modules/chat/index.ts'
import { createFiles } from './modules/files/index.ts'
import { createFlags } from './modules/flags/index.ts'
import { createKnowledge } from './modules/knowledge/index.ts'
import { createModels } from './modules/models/index.ts'
import { createNotifications } from './modules/notifications/index.ts'
import { createProjects, releaseProjectsOf } from './modules/projects/index.ts'
import { createReports } from './modules/reports/index.ts'
import { createTasks } from './modules/tasks/index.ts'
import type { Cache } from './platform/cache/index.ts'
import type { Clock } from './platform/clock.ts'
import type { Database } from './platform/database/index.ts'
import type { Bus } from './platform/events/bus.ts'
import type { StreamBackstop } from './platform/events/stream-backstop.ts'
import type { FlagProvider } from './platform/flags/flag-client.ts'
import type { JobQueue } from './platform/jobs/job-queue.ts'
import type { LlmRegistry } from './platform/llm/index.ts'
import type { Logger } from './platform/logger.ts'
import type { Outbound } from './platform/outbound/index.ts'
import type { PasswordHasher } from './platform/passwords/index.ts'
import type { Secrets } from './platform/secrets/index.ts'
import type { Storage } from './platform/storage/index.ts'
import type { VectorStore } from './platform/vectors/index.ts'
import type { Modules } from './router.ts'

/** What the modules are built of. */
export interface ModuleParts {
  readonly config: Config
  readonly database: Database
  readonly bus: Bus
  readonly backstop: StreamBackstop
  readonly cache: Cache
  readonly clock: Clock
  readonly secrets: Secrets
  readonly logger: Logger
  readonly storage: Storage
  readonly vectors: VectorStore
  readonly passwords: PasswordHasher
  readonly outbound: Pick<Outbound, 'problemOf'>
  readonly llm: LlmRegistry
  /** Decides the feature flags instead of the database. */
  readonly flagProvider: FlagProvider | undefined
  /** The queue; not to be called while the modules are built. */
  readonly jobs: () => JobQueue
  /** What agents may use; not to be called while the modules are built. */
  readonly toolbox: FindToolbox
}

/** All modules but those that are about what is made of them: the jobs there are, and the system. */
export type BuiltModules = Omit<Modules, 'jobs' | 'system'>

/** Builds the modules in the order in which they know each other. Does no I/O. */
export function createModules(parts: ModuleParts): BuiltModules {
  const { config, database, bus, backstop, cache, clock, secrets, logger, storage, vectors } = parts
  const { passwords, outbound, llm, flagProvider, jobs, toolbox } = parts

  const accounts = createAccounts({
    config,
    database,
    bus,
    cache,
    clock,
    secrets,
    logger,
    passwords,
    releaseProjects: releaseProjectsOf,
    providerNames: () => llm.list().map(({ name }) => name),
  })
  const projects = createProjects({ database, clock, findUserByEmail: accounts.findUserByEmail })
  const files = createFiles({ config, database, storage, bus, clock, secrets, logger })
  const tasks = createTasks({ database, bus, backstop, clock })
  const flags = createFlags({ config, database, bus, clock, logger, provider: flagProvider })
  const notifications = createNotifications({
    config,
    database,
    bus,
    backstop,
    clock,
    findUser: accounts.findUser,
  })
  const audit = createAudit({ database })
  const reports = createReports({
    database,
    clock,
    save: files.save,
    statementTimeoutMs: config.databaseStatementTimeoutMs,
  })
  const models = createModels({
    config,
    database,
    cache,
    clock,
    secrets,
    logger,
    providers: llm,
    problemOf: outbound.problemOf,
  })
  const knowledge = createKnowledge({
    database,
    bus,
    clock,
    logger,
    files,
    models: models.calls,
    vectors,
  })
  const chat = createChat({
    database,
    bus,
    backstop,
    clock,
    logger,
    models: models.calls,
    retriever: knowledge.retriever,
  })
  const agents = createAgents({
    database,
    bus,
    backstop,
    clock,
    logger,
    calls: models.calls,
    delegations: accounts.delegations,
    threads: chat.notes,
    jobs,
    toolbox,
  })

  return {
    accounts,
    files,
    projects,
    tasks,
    flags,
    notifications,
    audit,
    reports,
    models,
    knowledge,
    chat,
    agents,
  }
}
