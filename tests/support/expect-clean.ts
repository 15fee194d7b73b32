import { expect } from 'vitest'
import { errorCodes } from '../../server/src/contract/errors.ts'
import type { Answer } from './http.ts'
import { type LeakOptions, leakOf } from './leak.ts'

const MAX_BYTES = 65_536
const MAX_ERROR_BYTES = 16_384
const MAX_ISSUES = 10
/** The parser's own refusals come before a request has an id. */
const WITHOUT_ID = 'The request is malformed.'

/** How an answer may differ from the ordinary. */
export interface CleanOptions extends LeakOptions {
  /** A list or a file: any size. */
  readonly large?: true
}

/** Asserts that an answer says what it should in the one envelope, and nothing of what is inside. Returns it. */
export function expectClean(answer: Answer, options: CleanOptions = {}): Answer {
  expect(leakOf(answer.text, options), 'nothing internal leaves').toBeUndefined()
  expect(answer.headers.get('x-powered-by')).toBeNull()
  expect(answer.headers.get('content-type') ?? '').toMatch(/^application\/json|^text\/event-stream/)
  if (options.large !== true) expect(answer.text.length).toBeLessThanOrEqual(MAX_BYTES)
  if (answer.headers.get('content-type')?.startsWith('text/event-stream') === true) return answer
  const parts = Array.isArray(answer.body) ? answer.body : [answer.body]
  for (const part of parts) expectEnvelope(part, answer)
  return answer
}

function expectEnvelope(part: unknown, answer: Answer): void {
  expect(part, answer.text.slice(0, 500)).toBeTypeOf('object')
  if (answer.status < 400 && isRecord(part) && !('error' in part)) return
  if (answer.status < 500 && isRecord(part) && 'result' in part) return
  expect(part).toMatchObject({ error: { message: expect.any(String), code: expect.any(Number) } })
  const error = isRecord(part) && isRecord(part.error) ? part.error : {}
  const data = isRecord(error.data) ? error.data : {}
  expect(Object.keys(errorCodes)).toContain(data.code)
  expect(data.httpStatus).toBeTypeOf('number')
  expect(Object.keys(error).sort()).toEqual(['code', 'data', 'message'])
  expect(JSON.stringify(part).length).toBeLessThanOrEqual(MAX_ERROR_BYTES)
  if (error.message !== WITHOUT_ID) expect(data.requestId).toMatch(/^[\w.-]{1,64}$/)
  expect(Array.isArray(data.issues) ? data.issues.length : 0).toBeLessThanOrEqual(MAX_ISSUES)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Asserts the status and the code, and that the answer is clean. Returns it. */
export function expectRefused(
  answer: Answer,
  status: number | readonly number[],
  options: CleanOptions = {},
): Answer {
  expectClean(answer, options)
  expect([status].flat(), answer.text.slice(0, 500)).toContain(answer.status)
  expect(answer.error?.httpStatus).toBe(answer.status)
  return answer
}

/** Asserts success; the message of a failure says what came instead. Returns the answer. */
export function expectOk(answer: Answer, options: CleanOptions = {}): Answer {
  expect(answer.status, answer.text.slice(0, 800)).toBe(200)
  return expectClean(answer, options)
}
