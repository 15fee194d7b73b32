import type { Observable, ObservableCallback, Meter as OtelMeter } from '@opentelemetry/api'
import type { Gauge, Meter } from '../metrics.ts'

/** Most calls take one to fifty milliseconds; the conventions' buckets begin at five. */
const BOUNDARIES = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** {@link Meter} on OpenTelemetry. */
export function otelMeter(meter: OtelMeter): Meter {
  return {
    counter: ({ name, ...options }) => meter.createCounter(name, options),
    histogram: ({ name, ...options }) =>
      meter.createHistogram(name, { ...options, advice: { explicitBucketBoundaries: BOUNDARIES } }),
    gauge(gauge) {
      const observable = observableOf(meter, gauge)
      const read: ObservableCallback = async (result) => {
        for (const { value, attributes } of await gauge.read()) result.observe(value, attributes)
      }
      observable.addCallback(read)
      return () => observable.removeCallback(read)
    },
  }
}

function observableOf(meter: OtelMeter, { name, description, unit, kind }: Gauge): Observable {
  const options = { description, unit }
  if (kind === 'sum') return meter.createObservableUpDownCounter(name, options)
  if (kind === 'total') return meter.createObservableCounter(name, options)
  return meter.createObservableGauge(name, options)
}
