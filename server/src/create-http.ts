import type { Express } from 'express'
import type { Config } from './config/index.ts'
import type { ContractRuntime } from './contract/call-context.ts'
import type { Files } from './modules/files/index.ts'
import type { Bus } from './platform/events/bus.ts'
import type { JobEngine } from './platform/jobs/job-engine.ts'
import type { LoadGuard } from './platform/limits/index.ts'
import { createMailLog, type Mailer } from './platform/mail/index.ts'
import type { RedisConnection } from './platform/redis/index.ts'
import type { Storage } from './platform/storage/index.ts'
import type { Telemetry } from './platform/telemetry/index.ts'
import type { VectorStore } from './platform/vectors/index.ts'
import type { AppRouter } from './router.ts'
import { createHttpApp } from './surfaces/http/create-http-app.ts'
import type { MetricsOptions } from './surfaces/http/metrics.ts'

/** What is served, and what `/readyz` asks after. */
export interface HttpParts {
  readonly config: Config
  readonly router: AppRouter
  readonly runtime: ContractRuntime
  /** Whether the process is about to stop. */
  readonly draining: () => boolean
  readonly load: LoadGuard
  readonly redis: RedisConnection | undefined
  readonly jobs: Pick<JobEngine, 'check'>
  readonly storage: Storage
  readonly vectors: VectorStore
  readonly mailer: Mailer
  readonly downloads: Files['downloads']
  readonly telemetry: Telemetry | undefined
}

/** Builds what answers HTTP: every surface, as the configuration has it, and the checks of health. Does no I/O. */
export function createHttp(parts: HttpParts): Express {
  const { config, router, runtime, draining, load, redis, jobs, storage, vectors, mailer } = parts
  const { downloads, telemetry } = parts
  const { database, bus } = runtime
  return createHttpApp({
    router,
    runtime,
    draining,
    metrics: metricsOf(config, telemetry),
    healthChecks: [
      { name: 'database', critical: true, run: () => database.ping(1_000) },
      { name: 'cache', critical: false, run: async () => redis?.ping() },
      { name: 'queue', critical: false, run: () => jobs.check() },
      { name: 'notifications', critical: false, run: async () => requireHealthy(bus) },
      { name: 'storage', critical: false, run: () => storage.check() },
      { name: 'vectors', critical: false, run: () => vectors.check(AbortSignal.timeout(1_000)) },
    ],
    load,
    devMails: config.devMailPage === 'off' ? undefined : createMailLog(database, mailer),
    devMailsHere: config.devMailPage === 'here',
    corsOrigins: config.corsOrigins,
    ownOrigin: new URL(config.publicUrl).origin,
    streamMaxAgeMs: config.streamMaxAgeSeconds * 1_000,
    showRoundTrips: config.environment === 'test',
    allowedHosts: config.allowedHosts,
    trustedProxies: config.trustedProxies,
    maxBodyBytes: config.maxBodyBytes,
    secureCookies: config.publicUrl.startsWith('https://'),
    downloads,
    maxDownloads: config.maxDownloads,
    uploadTimeoutMs: config.uploadTimeoutMs,
    docsAccess: config.docsAccess,
  })
}

function metricsOf(config: Config, telemetry: Telemetry | undefined): MetricsOptions | undefined {
  const token = config.telemetry.metricsToken
  const text = telemetry?.metricsText
  return token === undefined || text === undefined ? undefined : { token, text }
}

function requireHealthy(bus: Bus): void {
  if (!bus.healthy()) throw new Error('The notification connection is down')
}
