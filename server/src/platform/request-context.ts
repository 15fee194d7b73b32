import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'

/** The way a call came in. */
export type Surface = 'trpc' | 'rest' | 'cli' | 'mcp' | 'agent' | 'job' | 'system'

/** What is true of one request, reachable from anywhere below it without being passed. */
export interface RequestContext {
  /** 32 hex digits (W3C trace context); the same in the response header, every log line and every error. */
  readonly traceId: string
  readonly surface: Surface
  /** The client's address as far as trusted proxies vouch for it. */
  readonly ip: string | undefined
  readonly userAgent: string | undefined
  /** Filled in once known, for log lines. */
  actor?: string
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

const TRACEPARENT = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}$/
const REQUEST_ID = /^[\w.-]{1,64}$/

/**
 * The trace id a caller sent, or a fresh one.
 * `traceparent` (W3C Trace Context, §3.2) wins over `X-Request-Id`; anything malformed is ignored.
 */
export function traceIdFrom(traceparent: string | undefined, requestId: string | undefined): string {
  const fromTrace = traceparent === undefined ? undefined : TRACEPARENT.exec(traceparent)?.[1]
  if (fromTrace !== undefined && !/^0+$/.test(fromTrace)) return fromTrace
  return requestId !== undefined && REQUEST_ID.test(requestId) ? requestId : newTraceId()
}
