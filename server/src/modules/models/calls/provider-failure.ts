import { type AppError, type ErrorReason, failBecause } from '../../../contract/errors.ts'
import { LlmError, type LlmFailure } from '../../../platform/llm/llm-error.ts'

const REASONS: Readonly<Record<LlmFailure, ErrorReason>> = {
  unavailable: 'PROVIDER_UNAVAILABLE',
  timeout: 'PROVIDER_TIMEOUT',
  rate_limited: 'PROVIDER_RATE_LIMITED',
  key_refused: 'PROVIDER_KEY_REFUSED',
  rejected: 'PROVIDER_REFUSED',
  too_long: 'CONTEXT_TOO_LONG',
  bad_answer: 'PROVIDER_BAD_ANSWER',
}

/** Reasons that a call of a model can fail with beside its budget, for the policies of procedures that make one. */
export const providerReasons = [
  'PROVIDER_UNAVAILABLE',
  'PROVIDER_TIMEOUT',
  'PROVIDER_RATE_LIMITED',
  'PROVIDER_KEY_REFUSED',
  'PROVIDER_REFUSED',
  'PROVIDER_BAD_ANSWER',
] as const satisfies readonly ErrorReason[]

/**
 * A provider's failure as callers hear of it: the reason, when to come back, and words of ours. What the provider said
 * is the cause, for the log. Anything else (the signal's reason) stays as it is.
 */
export function providerFailure(error: unknown, options: { readonly ownKey: boolean }): unknown {
  if (!(error instanceof LlmError)) return error
  return appErrorOf(error, options.ownKey)
}

function appErrorOf(error: LlmError, ownKey: boolean): AppError {
  const message =
    error.failure === 'key_refused' && ownKey
      ? { message: 'The provider refused your own key: set another one, or remove it.' }
      : {}
  const retry = error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }
  return failBecause(REASONS[error.failure], { ...message, ...retry, cause: error })
}

/** Whether the provider did nothing that it would charge for: it was not reached, or sent the call away. */
export function costsNothing(error: unknown): boolean {
  return error instanceof LlmError && !['timeout', 'bad_answer'].includes(error.failure)
}
