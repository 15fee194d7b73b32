import { currentContext } from '../platform/request-context.ts'
import { versionNotice } from './client-version.ts'
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

/**
 * An error's message. Where the client's version may be why (a procedure that is not there, an input that is not taken),
 * it says so.
 */
export function withVersionHint({ code, message, issues }: AppError): string {
  const mayBeVersion = message === NO_SUCH_PROCEDURE || (code === 'BAD_REQUEST' && issues.length > 0)
  const notice = mayBeVersion ? versionNotice(currentContext()?.contract) : undefined
  return notice === undefined ? message : `${message} ${notice}`
}

/** What a path that is misspelt, hidden, or of another version is answered with. */
export const NO_SUCH_PROCEDURE = 'There is no such procedure.'
