import { currentContext } from '../platform/request-context.ts'
import { type AppError, type ErrorCode, type ErrorReason, errorCodes, type FieldIssue } from './errors.ts'

/** The `data` of a failed answer, the same on every surface. */
export interface ErrorData {
  readonly code: ErrorCode
  readonly httpStatus: number
  readonly path: string | undefined
  readonly reason: ErrorReason | undefined
  readonly issues: FieldIssue[]
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
  readonly traceId: string
  /** The same as `traceId`, under the name of the header. */
  readonly requestId: string
}

/** The public face of an error: nothing of `cause`, no stack, no path of ours. */
export function errorData(error: AppError, path: string | undefined): ErrorData {
  const traceId = currentContext()?.traceId ?? 'none'
  return {
    code: error.code,
    httpStatus: errorCodes[error.code].status,
    path,
    reason: error.reason,
    issues: [...error.issues],
    retryable: error.retryable,
    retryAfterMs: error.retryAfterMs,
    traceId,
    requestId: traceId,
  }
}
