import { WorkQueueFullError } from '../../limits/index.ts'
import { LlmError } from '../llm-error.ts'
import type { TokenUsage } from '../llm-provider.ts'
import { untilAborted } from './abortable.ts'
import type { GuardedAccount } from './account.ts'
import type { Attempt } from './breaker.ts'
import { reportCall } from './call-telemetry.ts'
import { takePlace } from './place.ts'

/** A call under way. */
export interface GuardedCall {
  /** Aborts with the caller's signal, when the call takes too long, and when it has ended. */
  readonly signal: AbortSignal
  /** Waits for `work`, `limitMs` at most. */
  within<T>(work: Promise<T>, limitMs: number): Promise<T>
  /** The provider has begun to answer; only the first counts. */
  began(): void
  /** The only way a call may end; only the first counts. Stops what is still going on at the provider. */
  end(outcome: CallOutcome): void
}

/** How a call ended: well, with an error, or because nobody wanted the rest. */
export type CallOutcome = { readonly usage: TokenUsage } | { readonly error: unknown }

/**
 * Begins a call: a free place, a breaker that lets it pass.
 * @throws LlmError `rate_limited` when too many wait, `unavailable` while the breaker is open
 */
export async function beginCall(
  account: GuardedAccount,
  operation: 'chat' | 'embeddings',
  model: string,
  outer: AbortSignal,
): Promise<GuardedCall> {
  const { name, limits } = account
  const controller = new AbortController()
  const stop = AbortSignal.any([outer, controller.signal])
  const telemetry = reportCall(account, operation, model)
  let release: () => void
  let attempt: Attempt
  try {
    release = await takePlace(account.queue, outer)
    attempt = passBreaker(account, release)
  } catch (thrown) {
    const error = thrown instanceof WorkQueueFullError ? tooMany(name, thrown) : thrown
    telemetry.ended(error, undefined)
    throw error
  }
  const started = performance.now()
  let firstPartMs: number | undefined
  let ended = false
  const end = (outcome: CallOutcome): void => {
    if (ended) return
    ended = true
    clearTimeout(total)
    outer.removeEventListener('abort', onLeave)
    release()
    settle(attempt, outcome, outer)
    if ('error' in outcome) telemetry.ended(outcome.error, { firstPartMs })
    else telemetry.ended(undefined, { usage: outcome.usage, firstPartMs })
    controller.abort('error' in outcome ? outcome.error : new Error('The call has ended'))
  }
  // Whoever stopped reading without a word must not keep the place, so neither end waits for a reader to see it.
  const total = setTimeout(() => end({ error: new LongAnswerError(name) }), limits.totalTimeoutMs)
  const onLeave = (): void => end({ error: outer.reason })
  outer.addEventListener('abort', onLeave, { once: true })
  return {
    signal: stop,
    async within(work, limitMs) {
      const timer = setTimeout(() => controller.abort(new LlmError('timeout', name)), limitMs)
      try {
        return await untilAborted(work, stop)
      } finally {
        clearTimeout(timer)
      }
    },
    began() {
      firstPartMs ??= performance.now() - started
      attempt.began()
    },
    end,
  }
}

/** An answer that takes too long as a whole is no illness; silence is, whoever notices it first. */
class LongAnswerError extends LlmError {
  constructor(provider: string) {
    super('timeout', provider)
  }
}

function passBreaker({ breaker, name }: GuardedAccount, release: () => void): Attempt {
  const attempt = breaker.enter()
  if (attempt !== undefined) return attempt
  release()
  throw new LlmError('unavailable', name, { retryAfterMs: Math.max(1_000, breaker.openForMs()) })
}

function tooMany(name: string, { retryAfterMs }: WorkQueueFullError): LlmError {
  return new LlmError('rate_limited', name, { retryAfterMs })
}

function settle(attempt: Attempt, outcome: CallOutcome, outer: AbortSignal): void {
  if (!('error' in outcome)) attempt.succeeded()
  else if (outer.aborted || !(outcome.error instanceof LlmError)) attempt.left()
  else if (isIllness(outcome.error)) attempt.failed()
  else {
    // An answer that we do not like is one: a trial has proved what it had to.
    attempt.began()
    attempt.left()
  }
}

/** A refused key, request or conversation, and a plea for patience, are answers of a provider that works. */
function isIllness(error: LlmError): boolean {
  if (error.failure === 'timeout') return !(error instanceof LongAnswerError)
  return error.failure === 'unavailable' || error.failure === 'bad_answer'
}
