import { APICallError } from '@ai-sdk/provider'
import { BodyTooLargeError, UnsafeAddressError } from '../../outbound/index.ts'
import { LlmError, type LlmFailure } from '../llm-error.ts'
import { AnswerCutError } from './answer-cut-error.ts'
import { retryAfterMs } from './retry-after.ts'
import { systemCode } from './system-code.ts'
import { VendorReplyError } from './vendor-reply-error.ts'

/** What the AI SDK, the network or the vendor's own stream threw, as the one error of providers. */
export function toLlmError(provider: string, thrown: unknown, apiKey: string | undefined): LlmError {
  if (thrown instanceof LlmError) return thrown
  if (thrown instanceof AnswerCutError) {
    return new LlmError(thrown.began ? 'unavailable' : 'bad_answer', provider, { cause: thrown })
  }
  const own = causes(thrown).find(
    (error) => error instanceof BodyTooLargeError || error instanceof UnsafeAddressError,
  )
  if (own !== undefined) {
    return new LlmError(own instanceof UnsafeAddressError ? 'rejected' : 'bad_answer', provider, {
      cause: own,
    })
  }
  const code = causes(thrown)
    .map(systemCode)
    .find((found) => found !== undefined)
  if (code !== undefined) {
    const failure =
      code.endsWith('_TIMEOUT') && code !== 'UND_ERR_CONNECT_TIMEOUT' ? 'timeout' : 'unavailable'
    return new LlmError(failure, provider, { cause: new Error(code) })
  }
  const reply = replyOf(thrown, apiKey)
  return new LlmError(reply.failure, provider, { cause: reply.cause, retryAfterMs: reply.retryAfterMs })
}

interface Reply {
  readonly failure: LlmFailure
  readonly cause: VendorReplyError
  readonly retryAfterMs?: number | undefined
}

function replyOf(thrown: unknown, apiKey: string | undefined): Reply {
  const call = APICallError.isInstance(thrown) ? thrown : undefined
  const said = saidBy(thrown)
  const status = call?.statusCode
  const cause = new VendorReplyError({ status, code: said.code, text: said.text, apiKey })
  return {
    failure: failureOf(status, `${said.code ?? ''} ${said.text}`),
    cause,
    retryAfterMs: retryAfterMs(call?.responseHeaders, Date.now()),
  }
}

const TOO_LONG =
  /context.?(length|window|size)|maximum context|prompt is too long|too many tokens|token count.{0,40}exceeds|exceeds? the (maximum|limit).{0,40}tokens?|input is too long|string_above_max_length/i
const KEY_REFUSED =
  /api.?key.{0,20}(not valid|invalid)|invalid.{0,3}api.?key|authentication_error|permission_error/i
const RATE_LIMITED = /rate.?limit|insufficient_quota|resource_exhausted|too many requests/i
const ILL = /overloaded|server_error|api_error|internal|unavailable|timeout/i

function failureOf(status: number | undefined, text: string): LlmFailure {
  if (status === 429) return 'rate_limited'
  if (status === 401 || status === 403) return 'key_refused'
  if (status === 413) return 'too_long'
  if (status !== undefined && (status >= 500 || status === 408)) return 'unavailable'
  if (status !== undefined && status < 300) return ofWords(text) ?? 'bad_answer'
  if (status === undefined) return ofWords(text) ?? 'bad_answer'
  return TOO_LONG.test(text) ? 'too_long' : KEY_REFUSED.test(text) ? 'key_refused' : 'rejected'
}

/** Errors that come inside a stream have no status, only words. */
function ofWords(text: string): LlmFailure | undefined {
  if (TOO_LONG.test(text)) return 'too_long'
  if (KEY_REFUSED.test(text)) return 'key_refused'
  if (RATE_LIMITED.test(text)) return 'rate_limited'
  return ILL.test(text) ? 'unavailable' : undefined
}

function saidBy(thrown: unknown): Said {
  if (APICallError.isInstance(thrown)) {
    const { statusCode = 0, responseBody = '', message, data } = thrown
    // What came with a good status may be an answer, and answers are not for the log.
    const body = statusCode >= 300 ? responseBody.slice(0, 2_000) : ''
    return { code: codeOf(data), text: `${message} ${body}`.trim() }
  }
  // Parse errors quote what could not be parsed.
  if (thrown instanceof Error) return { code: undefined, text: thrown.name }
  return { code: codeOf({ error: thrown }), text: fieldOf(thrown, 'message') ?? 'An error without words' }
}

interface Said {
  readonly code: string | undefined
  readonly text: string
}

/** `{ error: { code | type | status } }`, as all four formats have it in one way or another. */
function codeOf(data: unknown): string | undefined {
  const error = typeof data === 'object' && data !== null && 'error' in data ? data.error : undefined
  return ['code', 'type', 'status'].map((name) => fieldOf(error, name)).find((text) => text !== undefined)
}

function fieldOf(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const field: unknown = Object.entries(value).find(([key]) => key === name)?.[1]
  return typeof field === 'string' ? field.slice(0, 1_000) : undefined
}

function causes(thrown: unknown): readonly unknown[] {
  const chain: unknown[] = []
  for (let at = thrown; at instanceof Error && chain.length < 8; at = at.cause) chain.push(at)
  return chain
}
