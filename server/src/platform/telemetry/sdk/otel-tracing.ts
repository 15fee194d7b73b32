import { createHash } from 'node:crypto'
import {
  type Context,
  context,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { type IdGenerator, RandomIdGenerator } from '@opentelemetry/sdk-trace'
import { currentContext, parseTraceparent, type RemoteParent } from '../../request-context.ts'
import { summarise } from '../statement.ts'
import type { Span, SpanOptions, Tracing } from '../tracing.ts'
import { errorType } from './error-type.ts'

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
}
const HEX_TRACE_ID = /^(?!0{32})[\da-f]{32}$/

/**
 * Trace ids that are those of our requests, so that a log line, an error answer and a trace are found by the same id. A
 * caller's own `X-Request-Id` need not be hexadecimal; its trace has the id that is made from it, always the same.
 */
export function requestTraceIds(): IdGenerator {
  const random = new RandomIdGenerator()
  return {
    generateSpanId: () => random.generateSpanId(),
    generateTraceId() {
      const traceId = currentContext()?.traceId
      if (traceId === undefined) return random.generateTraceId()
      return HEX_TRACE_ID.test(traceId)
        ? traceId
        : createHash('sha256').update(traceId).digest('hex').slice(0, 32)
    },
  }
}

/** {@link Tracing} on OpenTelemetry. */
export function otelTracing(tracer: Tracer): Tracing {
  return {
    span(name, options, work) {
      const parent = parentOf(options)
      const links = linksOf(options)
      const span = tracer.startSpan(
        name,
        {
          kind: KINDS[options.kind ?? 'internal'],
          ...(options.attributes === undefined ? {} : { attributes: options.attributes }),
          ...(links === undefined ? {} : { links }),
        },
        parent,
      )
      if (!span.isRecording()) return context.with(trace.setSpan(parent, span), () => work(UNRECORDED))
      const ours = judged(span)
      return context.with(trace.setSpan(parent, span), async () => {
        try {
          return await work(ours)
        } catch (error) {
          ours.threw(error)
          throw error
        } finally {
          span.end()
        }
      })
    },
    statement(text, result) {
      const parent = context.active()
      // A stream's polls come long after the span of the call that opened it.
      if (trace.getSpan(parent)?.isRecording() !== true) return
      const summary = summarise(text)
      const span = tracer.startSpan(
        summary.name,
        {
          kind: SpanKind.CLIENT,
          attributes: {
            'db.system.name': 'postgresql',
            'db.operation.name': summary.operation,
            'db.query.text': summary.text,
          },
        },
        parent,
      )
      result.then(
        () => span.end(),
        (error: unknown) => {
          judged(span).threw(error)
          span.end()
        },
      )
    },
    traceparent() {
      const active = trace.getSpanContext(context.active())
      return active === undefined ? undefined : write(active)
    },
  }
}

const UNRECORDED: Span = { set() {}, refused() {}, failed() {} }

/** The first judgement stands: a procedure's own refusal says more than the error that carries it out. */
function judged(span: OtelSpan): Span & { threw(error: unknown): void } {
  let done = false
  const judge = (type: string, failed: boolean): void => {
    if (done) return
    done = true
    span.setAttribute('error.type', type)
    if (failed) span.setStatus({ code: SpanStatusCode.ERROR })
  }
  return {
    set: (attributes) => void span.setAttributes(attributes),
    refused: (type) => judge(type, false),
    failed: (type) => judge(type, true),
    threw: (error) => judge(errorType(error), true),
  }
}

/** Calls and jobs begin where their request says they came from; everything else inside what is going on. */
function parentOf({ kind }: SpanOptions): Context {
  const active = context.active()
  if (kind !== 'server' && kind !== 'consumer') return active
  if (kind === 'server' && trace.getSpan(active) !== undefined) return active
  const remote = currentContext()?.remoteParent
  return kind === 'consumer' || remote === undefined
    ? ROOT_CONTEXT
    : trace.setSpanContext(ROOT_CONTEXT, spanContextOf(remote))
}

function linksOf({ cause }: SpanOptions): { context: SpanContext }[] | undefined {
  const parent = parseTraceparent(cause)
  return parent === undefined ? undefined : [{ context: spanContextOf(parent) }]
}

function spanContextOf({ traceId, spanId, sampled }: RemoteParent): SpanContext {
  return { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true }
}

function write({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}
