/** The samplers of OpenTelemetry's specification that need no server of their own. */
export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

/** One of {@link SAMPLERS}. */
export type SamplerName = (typeof SAMPLERS)[number]

/** What is sent where. */
export interface TelemetryOptions {
  /** The collector, without `/v1/traces`; undefined sends nothing. */
  readonly otlpEndpoint: string | undefined
  readonly otlpHeaders: Readonly<Record<string, string>>
  readonly otlpTimeoutMs: number
  readonly serviceName: string
  readonly resourceAttributes: Readonly<Record<string, string>>
  readonly sampler: SamplerName
  /** Of all traces, between 0 and 1. */
  readonly samplerRatio: number
  /** How long a span waits for others to be sent with. */
  readonly traceDelayMs: number
  /** Whether the collector takes metrics as well as traces. */
  readonly sendsMetrics: boolean
  readonly metricIntervalMs: number
  /** What opens `/metrics`; undefined leaves it out. */
  readonly metricsToken: string | undefined
}
