import { errorData } from '../../contract/error-shape.ts'
import type { FieldIssue } from '../../contract/errors.ts'
import {
  type AppError,
  type ErrorCode,
  type ErrorReason,
  errorCodes,
  errorReasons,
} from '../../contract/errors.ts'

/** The type of a problem document (RFC 9457, §3). */
export const PROBLEM_JSON = 'application/problem+json'

/** A failed answer as REST gives it: the members of RFC 9457, and those that a program decides by. */
export interface Problem {
  /** See {@link problemType}. */
  readonly type: string
  /** What every problem of this type is, in words that do not change. */
  readonly title: string
  /** The HTTP status. */
  readonly status: number
  /** What went wrong this time, and what to do. */
  readonly detail: string
  /** This occurrence, by the id of its request. */
  readonly instance: string
  readonly code: ErrorCode
  readonly reason?: ErrorReason
  readonly issues: readonly FieldIssue[]
  /** Whether the same request may succeed later without being changed. */
  readonly retryable: boolean
  /** How long to wait first, in milliseconds; also `Retry-After`. */
  readonly retryAfterMs?: number
  /** The same as `X-Request-Id`. */
  readonly traceId: string
}

/**
 * What kind of problem it is: its reason where there is one, else its code. A name and no address, so that it is the
 * same wherever the server runs and holds where the documentation is switched off (RFC 9457, §3.1.1).
 */
function problemType(name: ErrorCode | ErrorReason): string {
  return `urn:plinth:error:${name}`
}

/**
 * An error as a problem document.
 * @param traceId where there is no request context yet
 */
export function problemOf(error: AppError, traceId?: string): Problem {
  const data = errorData(error, undefined)
  const { code, reason, httpStatus, issues, retryable, retryAfterMs } = data
  const id = traceId ?? data.traceId
  return {
    type: problemType(reason ?? code),
    title: reason === undefined ? errorCodes[code].message : errorReasons[reason].message,
    status: httpStatus,
    detail: error.message,
    instance: `urn:plinth:request:${id}`,
    code,
    ...(reason === undefined ? {} : { reason }),
    issues,
    retryable,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    traceId: id,
  }
}
