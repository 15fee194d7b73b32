import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'

/** The way a call came in. */
export type Surface = 'trpc' | 'rest' | 'cli' | 'mcp' | 'agent' | 'job' | 'system'

/** What is true of one request, reachable from anywhere below it without being passed. */
export interface RequestContext {
  /** 32 hex digits (W3C trace context) unless the caller chose another; the same in the response header, every log line
   * and every error. */
  readonly traceId: string
  /** The caller's span, when it sent `traceparent`. */
  readonly remoteParent?: RemoteParent | undefined
  readonly surface: Surface
  /** The client's address as far as trusted proxies vouch for it. */
  readonly ip: string | undefined
  readonly userAgent: string | undefined
  /** The version of the SDK that calls, where it says. */
  readonly contract?: string | undefined
  /** Filled in once known, for log lines. */
  actor?: string
  /** The session or key the actor came with, for log lines. */
  via?: string
  /** Database round trips made so far; tests and the bench read it. */
  roundTrips: number
}

const storage = new AsyncLocalStorage<RequestContext>()

/** Runs `work` with `context` as the current request. */
export function runInContext<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work)
}

/** The current request, or undefined outside of one (start-up, timers). */
export function currentContext(): RequestContext | undefined {
  return storage.getStore()
}

/** A fresh W3C trace id. */
export function newTraceId(): string {
  // Node keeps random bytes ready for UUIDs; asking for bytes costs a system call per request.
  return randomUUID().replaceAll('-', '')
}

/** The span of another system that caused a request, or of ours that caused a job. */
export interface RemoteParent {
  readonly traceId: string
  readonly spanId: string
  readonly sampled: boolean
}

const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})$/
const REQUEST_ID = /^[\w.-]{1,64}$/

/** Reads `traceparent` (W3C Trace Context, §3.2); undefined when it is missing or malformed. */
export function parseTraceparent(header: string | undefined): RemoteParent | undefined {
  const [, traceId, spanId, flags] = (header === undefined ? null : TRACEPARENT.exec(header)) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/**
 * The trace id a caller sent, or a fresh one.
 * `traceparent` wins over `X-Request-Id`; anything malformed is ignored.
 */
export function traceIdFrom(parent: RemoteParent | undefined, requestId: string | undefined): string {
  if (parent !== undefined) return parent.traceId
  return requestId !== undefined && REQUEST_ID.test(requestId) ? requestId : newTraceId()
}
