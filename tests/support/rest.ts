import { expect } from 'vitest'
import { errorCodes } from '../../server/src/contract/errors.ts'
import { type LeakOptions, leakOf } from './leak.ts'

/** An answer over REST, read to its end. */
export interface RestAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The JSON of the body; undefined where there is none. */
  readonly body: unknown
}

/** How a test calls beside method and path. */
export interface RestOptions {
  readonly token?: string | undefined
  readonly headers?: Record<string, string>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is, instead. */
  readonly body?: NonNullable<RequestInit['body']>
}

/** `rest(baseUrl, 'PATCH /tasks/1', { token, json: { title } })`: the path is below `/api/v1`. */
export async function rest(
  baseUrl: string,
  operation: string,
  { token, headers, json, body }: RestOptions = {},
): Promise<RestAnswer> {
  const [method = '', path = ''] = operation.split(' ')
  const sent = json === undefined ? body : JSON.stringify(json)
  const response = await fetch(`${baseUrl}/api/v1${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(sent === undefined ? {} : { body: sent }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: parse(text) }
}

/** Asserts that an answer is a whole problem document with this status and nothing of what is inside. Returns it. */
export function expectProblem(answer: RestAnswer, status: number, members: object = {}): RestAnswer {
  expect(answer.status, answer.text.slice(0, 500)).toBe(status)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expectSafe(answer)
  expect(answer.body).toMatchObject({ status, ...members })
  expect(answer.body).toEqual({
    type: expect.stringMatching(/^urn:plinth:error:[A-Z_]+$/),
    title: expect.any(String),
    status,
    detail: expect.any(String),
    instance: `urn:plinth:request:${answer.headers.get('x-request-id') ?? ''}`,
    code: expect.toBeOneOf(Object.keys(errorCodes)),
    ...(text(answer, 'reason') === undefined ? {} : { reason: expect.any(String) }),
    issues: expect.any(Array),
    retryable: expect.any(Boolean),
    ...(text(answer, 'retryAfterMs') === undefined ? {} : { retryAfterMs: expect.any(Number) }),
    traceId: answer.headers.get('x-request-id'),
  })
  return answer
}

/** Asserts success with this status, and the headers of every answer. Returns it. */
export function expectDone(answer: RestAnswer, status: number, options: LeakOptions = {}): RestAnswer {
  expect(answer.status, answer.text.slice(0, 800)).toBe(status)
  if (status !== 204) expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expectSafe(answer, options)
  return answer
}

/** T7: the headers of every answer, and no leak. */
function expectSafe({ headers, text: body }: RestAnswer, options: LeakOptions = {}): void {
  expect(leakOf(body, options), 'nothing internal leaves').toBeUndefined()
  expect(headers.get('x-powered-by')).toBeNull()
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(headers.get('strict-transport-security')).toContain('max-age=31536000')
  expect(headers.get('x-request-id')).toMatch(/^[\w.-]{1,64}$/)
}

/** `answer.body[name]` and so on. */
export function text(answer: RestAnswer, ...names: string[]): unknown {
  let value: unknown = answer.body
  for (const name of names) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  }
  return value
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
