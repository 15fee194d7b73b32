import type { Logger } from '../logger.ts'
import type { TelemetryOptions } from './options.ts'

export { counter, durations, type Gauge, metricsWanted, watchGauges } from './metrics.ts'
export { SAMPLERS, type TelemetryOptions } from './options.ts'
export { summarise } from './statement.ts'
export { currentTracing, type Span, traceparent, withSpan } from './tracing.ts'

/** The telemetry of this process. */
export interface Telemetry {
  /** The metrics in Prometheus's text format; undefined when nobody may ask. */
  readonly metricsText: (() => Promise<string>) | undefined
  /** Sends what is waiting and stops, within `limitMs`. */
  close(limitMs: number): Promise<void>
}

const OFF: Telemetry = { metricsText: undefined, close: async () => undefined }

/**
 * Starts what sends traces and metrics, if there is somewhere to send them or a token to fetch them with. Otherwise
 * nothing is loaded, and a call pays a comparison. Once per process, before anything is served.
 */
export async function startTelemetry(options: TelemetryOptions, logger: Logger): Promise<Telemetry> {
  if (options.otlpEndpoint === undefined && options.metricsToken === undefined) return OFF
  const { startSdk } = await import('./sdk/start.ts')
  return startSdk(options, logger)
}
