/** Where a piece of work stands towards others (https://opentelemetry.io/docs/specs/otel/trace/api/#spankind). */
export type SpanKind = 'server' | 'client' | 'consumer' | 'internal'

/** What is known of a piece of work. Ids, names and codes only: what a user typed does not belong here. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/** How a span begins. */
export interface SpanOptions {
  readonly kind?: SpanKind
  readonly attributes?: Attributes
  /** The `traceparent` of the work that caused this one without waiting for it, as a call causes a job. */
  readonly cause?: string | undefined
}

/** The span of work that is going on. */
export interface Span {
  set(attributes: Attributes): void
  /** It ended in a way its caller has to answer for, as a refused call does: noted, and not an error of ours. */
  refused(type: string): void
  /** It failed. `type` is a code or class name, never a message: messages quote values. */
  failed(type: string): void
}

/** What records spans when there is somewhere to send them. */
export interface Tracing {
  span<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T>
  /** Records one statement inside the span that is going on; outside of one there is nothing to record. */
  statement(text: string, result: Promise<unknown>): void
  /** The running span as W3C `traceparent`, for work that is done later or elsewhere. */
  traceparent(): string | undefined
}

const NO_SPAN: Span = { set() {}, refused() {}, failed() {} }

/** One per process, as the spans of a process form one picture; undefined costs the calls nothing. */
let tracing: Tracing | undefined

/** Starts or (undefined) stops the recording of spans. Only {@link startTelemetry} calls this. */
export function installTracing(recorder: Tracing | undefined): void {
  tracing = recorder
}

/** What records spans, or undefined while nothing does. */
export function currentTracing(): Tracing | undefined {
  return tracing
}

/**
 * Does `work` inside a span of its own; spans begun in it become its children. What `work` throws marks the span as
 * failed and is thrown on. Without tracing this is a plain call.
 *
 * @example await withSpan('SMTP send', { kind: 'client', attributes: { 'server.address': host } }, () => send(mail))
 */
export function withSpan<T>(
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  return tracing === undefined ? work(NO_SPAN) : tracing.span(name, options, work)
}

/** The running span as W3C `traceparent`, to be kept with a job or sent to another server; undefined without tracing. */
export function traceparent(): string | undefined {
  return tracing?.traceparent()
}
