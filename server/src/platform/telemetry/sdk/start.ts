import { context, DiagLogLevel, diag, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import { type IMetricReader, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions'
import { newId } from '../../ids.ts'
import type { Logger } from '../../logger.ts'
import type { Telemetry } from '../index.ts'
import { installMeter, watchGauges } from '../metrics.ts'
import type { TelemetryOptions } from '../options.ts'
import { installTracing } from '../tracing.ts'
import { otelMeter } from './otel-meter.ts'
import { otelTracing, requestTraceIds } from './otel-tracing.ts'
import { processGauges } from './process-gauges.ts'
import { samplerOf } from './sampler.ts'

const SCOPE = 'plinth'
/** Spans that wait for a collector; more are dropped, because a collector that is gone must not take memory. */
const MAX_WAITING_SPANS = 4_096
const MAX_BATCH = 512
const MAX_ATTRIBUTE_LENGTH = 2_000
/** A collector that is gone fails every few seconds; one line tells it. */
const COMPLAIN_EVERY_MS = 60_000

/** Starts OpenTelemetry's SDK. Loaded only when there is somewhere to send to. */
export function startSdk(options: TelemetryOptions, logger: Logger): Telemetry {
  complainThrough(logger)
  const resource = resourceFromAttributes({
    [ATTR_SERVICE_NAME]: options.serviceName,
    [ATTR_SERVICE_INSTANCE_ID]: newId(),
    ...options.resourceAttributes,
  })
  const stopTraces = startTraces(options, resource)
  const metrics = startMetrics(options, resource)
  return {
    metricsText: metrics.text,
    async close(limitMs) {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, limitMs)
      })
      await Promise.race([Promise.allSettled([stopTraces(), metrics.stop()]), late])
      clearTimeout(timer)
      diag.disable()
    },
  }
}

function startTraces(options: TelemetryOptions, resource: Resource): () => Promise<void> {
  const { otlpEndpoint } = options
  if (otlpEndpoint === undefined) return async () => undefined
  const exporter = new OTLPTraceExporter({
    url: `${otlpEndpoint}/v1/traces`,
    headers: { ...options.otlpHeaders },
    timeoutMillis: options.otlpTimeoutMs,
    concurrencyLimit: 2,
  })
  const provider = new TracerProvider({
    resource,
    sampler: samplerOf(options.sampler, options.samplerRatio),
    idGenerator: requestTraceIds(),
    spanLimits: { attributeValueLengthLimit: MAX_ATTRIBUTE_LENGTH },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        maxQueueSize: MAX_WAITING_SPANS,
        maxExportBatchSize: MAX_BATCH,
        scheduledDelayMillis: options.traceDelayMs,
        exportTimeoutMillis: options.otlpTimeoutMs,
      }),
    ],
  })
  // The global API too: libraries that record spans of their own then join ours.
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(provider)
  installTracing(otelTracing(provider.getTracer(SCOPE)))
  return async () => {
    installTracing(undefined)
    trace.disable()
    context.disable()
    await provider.shutdown()
  }
}

function startMetrics(options: TelemetryOptions, resource: Resource) {
  const readers: IMetricReader[] = []
  if (options.otlpEndpoint !== undefined && options.sendsMetrics) {
    readers.push(
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter({
          url: `${options.otlpEndpoint}/v1/metrics`,
          headers: { ...options.otlpHeaders },
          timeoutMillis: options.otlpTimeoutMs,
          concurrencyLimit: 1,
        }),
        exportIntervalMillis: options.metricIntervalMs,
        exportTimeoutMillis: Math.min(options.otlpTimeoutMs, options.metricIntervalMs),
      }),
    )
  }
  const scraped =
    options.metricsToken === undefined ? undefined : new PrometheusExporter({ preventServerStart: true })
  if (scraped !== undefined) readers.push(scraped)
  if (readers.length === 0) return { text: undefined, stop: async () => undefined }
  const provider = new MeterProvider({ resource, readers })
  const uninstall = installMeter(otelMeter(provider.getMeter(SCOPE)))
  const own = processGauges()
  const stopGauges = watchGauges(own.gauges)
  const serializer = new PrometheusSerializer(undefined, false, undefined, false, true)
  return {
    text:
      scraped === undefined
        ? undefined
        : async () => serializer.serialize((await scraped.collect({ timeoutMillis: 2_000 })).resourceMetrics),
    async stop() {
      await provider.shutdown().finally(() => {
        uninstall()
        stopGauges()
        own.stop()
      })
    },
  }
}

function complainThrough(logger: Logger): void {
  let complainedAt = Number.NEGATIVE_INFINITY
  const complain = (message: string): void => {
    if (performance.now() - complainedAt < COMPLAIN_EVERY_MS) return
    complainedAt = performance.now()
    logger.warn('telemetry could not be sent or kept; spans and numbers are lost meanwhile', {
      problem: message.slice(0, 300),
    })
  }
  const silent = (): void => undefined
  diag.setLogger(
    { error: complain, warn: complain, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  )
}
