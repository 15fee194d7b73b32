import type { RetryOptions } from './options.ts'
import type { PlinthError } from './plinth-error.ts'
import { MAX_TIMER_MS } from './timer.ts'

/** How calls are tried again, with every number filled in. */
export interface RetryPlan {
  readonly attempts: number
  readonly baseDelayMs: number
  readonly maxDelayMs: number
  /** The longest wait for a limit, which is no try; 0 to fail instead. */
  readonly maxLimitWaitMs: number
}

const DEFAULTS: RetryPlan = { attempts: 6, baseDelayMs: 200, maxDelayMs: 5_000, maxLimitWaitMs: 0 }

/** Fills in what `options` leave open; `false` is one try. */
export function retryPlan(options: RetryOptions | false | undefined, base: RetryPlan = DEFAULTS): RetryPlan {
  if (options === false) return { ...base, attempts: 1, maxLimitWaitMs: 0 }
  return {
    attempts: options?.attempts ?? base.attempts,
    baseDelayMs: options?.baseDelayMs ?? base.baseDelayMs,
    maxDelayMs: options?.maxDelayMs ?? base.maxDelayMs,
    maxLimitWaitMs: limitWait(options?.waitForLimits) ?? base.maxLimitWaitMs,
  }
}

function limitWait(option: RetryOptions['waitForLimits']): number | undefined {
  if (typeof option !== 'boolean') return option
  return option ? Number.POSITIVE_INFINITY : 0
}

/**
 * How long the server asks to stay away because of a limit, if the plan says to do so; undefined for other failures.
 * A little longer, so that calls that were refused together do not come back together.
 */
export function limitWaitOf(plan: RetryPlan, error: PlinthError): number | undefined {
  if (error.code !== 'TOO_MANY_REQUESTS' || error.retryAfterMs === undefined) return undefined
  if (isSpent(error)) return undefined
  if (error.retryAfterMs > plan.maxLimitWaitMs) return undefined
  return error.retryAfterMs + Math.random() * plan.baseDelayMs
}

const PASSING = new Set(['NETWORK_ERROR', 'BAD_GATEWAY', 'SERVICE_UNAVAILABLE', 'TOO_MANY_REQUESTS'])

/** Whether the failure may pass by itself: no answer, 502, 503, 504, 429 but for a spent budget. */
export function mayPass(error: PlinthError): boolean {
  return !isSpent(error) && (PASSING.has(error.code) || error.status === 504)
}

/** A budget is empty for hours or weeks; its time is for people to read. */
function isSpent(error: PlinthError): boolean {
  return error.reason === 'BUDGET_EXCEEDED'
}

/**
 * How long to wait before try `attempt + 1`, in milliseconds: exponential, between half and all of it so that clients
 * do not come back in step, and never less than the server asks for.
 */
export function delayBefore(attempt: number, plan: RetryPlan, error: PlinthError): number {
  const full = Math.min(plan.maxDelayMs, plan.baseDelayMs * 2 ** (attempt - 1))
  return Math.max(full * (0.5 + Math.random() / 2), error.retryAfterMs ?? 0)
}

/** Waits, or rejects with the signal's reason as soon as it aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      signal.removeEventListener('abort', abort)
      resolve()
    }
    const timer = setTimeout(finish, Math.min(ms, MAX_TIMER_MS))
    const abort = (): void => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}
