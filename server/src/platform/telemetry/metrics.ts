import type { Attributes } from './tracing.ts'

/** Counts what happens. */
export interface Counter {
  add(count: number, attributes?: Attributes): void
}

/** Collects how long something takes, in seconds. */
export interface DurationHistogram {
  record(seconds: number, attributes?: Attributes): void
}

/** One reading of a gauge. */
export interface Reading {
  readonly value: number
  readonly attributes?: Attributes
}

/** What a metric is, with names and units of OpenTelemetry's semantic conventions where there are any. */
export interface Description {
  readonly name: string
  readonly description: string
  /** UCUM: `s`, `By`, `1`, or what is counted in braces, as `{call}`. */
  readonly unit: string
}

/** A gauge's description and what reads it; asked when somebody collects, never in between. */
export interface Gauge extends Description {
  /** `sum` for what adds up over processes (connections), `last` for what does not (a delay), `total` for what only grows. */
  readonly kind: 'sum' | 'last' | 'total'
  readonly read: () => readonly Reading[] | Promise<readonly Reading[]>
}

/** What keeps the numbers when somebody wants them. */
export interface Meter {
  counter(description: Description): Counter
  histogram(description: Description): DurationHistogram
  /** Returns how to take the gauge away again. */
  gauge(gauge: Gauge): () => void
}

interface Declared {
  bind(meter: Meter | undefined): void
}

const declared = new Set<Declared>()
let current: Meter | undefined

/** Starts the keeping of numbers; returns how to stop it. Only {@link startTelemetry} calls this. */
export function installMeter(meter: Meter): () => void {
  bindAll(meter)
  return () => {
    // A stop that took long must not end what was started since.
    if (current === meter) bindAll(undefined)
  }
}

function bindAll(meter: Meter | undefined): void {
  current = meter
  for (const metric of declared) metric.bind(meter)
}

function declare(metric: Declared): void {
  declared.add(metric)
  metric.bind(current)
}

/**
 * Declares a counter, once and at the top of a file. Until somebody collects metrics, counting is one comparison.
 * Attributes must have few values: a procedure's name or an error code, never an id or what a user typed.
 */
export function counter(description: Description): Counter {
  let bound: Counter | undefined
  declare({
    bind(meter) {
      bound = meter?.counter(description)
    },
  })
  return { add: (count, attributes) => bound?.add(count, attributes) }
}

/** Declares a histogram of durations; the same rules as for {@link counter}. */
export function durations(description: Omit<Description, 'unit'>): DurationHistogram {
  let bound: DurationHistogram | undefined
  declare({
    bind(meter) {
      bound = meter?.histogram({ ...description, unit: 's' })
    },
  })
  return { record: (seconds, attributes) => bound?.record(seconds, attributes) }
}

/** Declares gauges that are there while something is open. Returns how to take them away. */
export function watchGauges(gauges: readonly Gauge[]): () => void {
  let release: (() => void)[] = []
  const metric: Declared = {
    bind(meter) {
      for (const stop of release) stop()
      release = meter === undefined ? [] : gauges.map((gauge) => meter.gauge(gauge))
    },
  }
  declare(metric)
  return () => {
    metric.bind(undefined)
    declared.delete(metric)
  }
}

/** Whether anybody collects: for measurements that cost something to make. */
export function metricsWanted(): boolean {
  return current !== undefined
}
