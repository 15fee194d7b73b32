import { expectClean } from '../expect-clean.ts'
import { type Answer, field } from '../http.ts'
import type { Outcome, Refusal } from './surface.ts'

/** The `data` of an error, wherever it travelled, as a refusal. */
export function refusalOf(data: unknown, message: unknown): Refusal {
  const text = (name: string) => {
    const value = field(data, name)
    return value === undefined || value === null ? undefined : String(value)
  }
  const issues = field(data, 'issues')
  const wait = field(data, 'retryAfterMs')
  return {
    code: text('code') ?? 'none',
    reason: text('reason'),
    message: String(message),
    issues: Array.isArray(issues) ? issues : [],
    retryable: field(data, 'retryable') === true,
    retryAfterMs: typeof wait === 'number' ? wait : undefined,
  }
}

/** What a call over HTTP came to. @param data the procedure's answer, taken out of the body */
export function httpOutcome(answer: Answer, data: unknown): Outcome {
  return {
    status: answer.status,
    data: answer.error === undefined ? data : undefined,
    error: answer.error === undefined ? undefined : refusalOf(answer.error, answer.error.message),
    traceId: answer.headers.get('x-request-id') ?? undefined,
    replayed: answer.headers.get('idempotency-replayed') === 'true',
    text: answer.text,
    requireClean: () => void expectClean(answer),
  }
}

/** The headers of `as`, the surface's own aside. */
export function headersOf(as: {
  readonly token?: string | undefined
  readonly idempotencyKey?: string | undefined
  readonly traceId?: string | undefined
  readonly headers?: Record<string, string>
}): Record<string, string> {
  return {
    ...as.headers,
    ...(as.token === undefined ? {} : { authorization: `Bearer ${as.token}` }),
    ...(as.idempotencyKey === undefined ? {} : { 'idempotency-key': as.idempotencyKey }),
    ...(as.traceId === undefined ? {} : { 'x-request-id': as.traceId }),
  }
}
