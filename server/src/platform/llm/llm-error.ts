/**
 * How a provider failed.
 * - `unavailable`: not reached, 5xx, or its breaker is open. - `timeout`: silent for too long. - `rate_limited`: 429.
 * - `key_refused`: 401 or 403. - `rejected`: it will not answer this request (400, 404, a model it does not have).
 * - `too_long`: the conversation does not fit the model. - `bad_answer`: not what its interface promises, or too large.
 */
export type LlmFailure =
  | 'unavailable'
  | 'timeout'
  | 'rate_limited'
  | 'key_refused'
  | 'rejected'
  | 'too_long'
  | 'bad_answer'

/** The one error of providers. Its message is ours and safe to show; what the provider said is in `cause`, for the log. */
export class LlmError extends Error {
  override readonly name = 'LlmError'
  readonly failure: LlmFailure
  readonly provider: string
  /** How long the provider asked to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(
    failure: LlmFailure,
    provider: string,
    options: { readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(
      `${provider}: ${WORDS[failure]}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    this.failure = failure
    this.provider = provider
    this.retryAfterMs = options.retryAfterMs
  }

  /** Whether the same call may succeed later. */
  get retryable(): boolean {
    return this.failure === 'unavailable' || this.failure === 'timeout' || this.failure === 'rate_limited'
  }
}

const WORDS: Readonly<Record<LlmFailure, string>> = {
  unavailable: 'cannot be reached at the moment.',
  timeout: 'did not answer in time.',
  rate_limited: 'takes no more calls at the moment.',
  key_refused: 'refused the key.',
  rejected: 'refused the request.',
  too_long: 'cannot take a conversation this long.',
  bad_answer: 'gave an answer that could not be read.',
}
