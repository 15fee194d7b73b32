import type { JobHandler } from '../../../server/src/contract/job.ts'
import { createLogger } from '../../../server/src/platform/logger.ts'
import { startTelemetry, type Telemetry } from '../../../server/src/platform/telemetry/index.ts'
import { testConfig } from '../../support/config.ts'
import { startServer, type TestServer } from '../../support/server.ts'

/** A server whose spans and numbers go to a collector. */
export interface ObservedServer extends TestServer {
  readonly telemetry: Telemetry
}

/** What sends quickly to the collector at `endpoint`. */
function sending(endpoint: string | undefined, variables: Record<string, string>): Record<string, string> {
  return {
    ...(endpoint === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }),
    OTEL_BSP_SCHEDULE_DELAY: '20',
    OTEL_METRIC_EXPORT_INTERVAL: '200',
    TRUSTED_PROXIES: '127.0.0.1',
    ...variables,
  }
}

/** Starts telemetry as `serve.ts` does; every server of this process is then observed. */
export function observe(
  endpoint: string | undefined,
  variables: Record<string, string> = {},
): Promise<Telemetry> {
  const silent = createLogger({ level: 'silent', format: 'json' })
  return startTelemetry(testConfig(sending(endpoint, variables)).telemetry, silent)
}

/** Telemetry, and a server with it. */
export async function startObserved(
  endpoint: string | undefined,
  variables: Record<string, string> = {},
  jobHandlers: readonly JobHandler[] = [],
): Promise<ObservedServer> {
  const telemetry = await observe(endpoint, variables)
  const server = await startServer({
    variables: sending(endpoint, variables),
    overrides: { telemetry, jobHandlers },
  })
  return {
    ...server,
    telemetry,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await telemetry.close(5_000)
    },
  }
}
