import type { ErrorCode, ErrorReason } from './generated/errors.ts'
import type { FieldIssue } from './wire-error.ts'

/**
 * What can go wrong before an answer of the server arrives: it could not be reached, the call's time was up, the
 * caller aborted it, something else answered (a proxy, another program on the port), or the call could not be made at
 * all (`CLIENT_ERROR`: an input that is not JSON, a `headers` function or a token storage that failed; see `cause`).
 * Or the call went well and the job it started did not end well (`JOB_FAILED`, `JOB_CANCELLED`).
 */
export type ClientErrorCode =
  | 'NETWORK_ERROR'
  | 'TIMEOUT'
  | 'ABORTED'
  | 'BAD_RESPONSE'
  | 'CLIENT_ERROR'
  | 'JOB_FAILED'
  | 'JOB_CANCELLED'

/** Everything a {@link PlinthError} says beside its message. */
export interface PlinthErrorDetails<Code extends string, Reason extends string> {
  readonly code: Code
  readonly reason?: Reason | undefined
  readonly status?: number | undefined
  readonly issues?: readonly FieldIssue[] | undefined
  readonly path?: string | undefined
  readonly traceId?: string | undefined
  readonly retryable: boolean
  readonly retryAfterMs?: number | undefined
  readonly idempotencyKey?: string | undefined
  readonly cause?: unknown
}

/** The same in every copy of this package that a program may have loaded. */
const BRAND = Symbol.for('plinth.client.error')

/** The one error every call fails with. Tell it apart with {@link isPlinthError}, which also works across copies. */
export class PlinthError<
  Code extends string = ErrorCode | ClientErrorCode,
  Reason extends string = ErrorReason,
> extends Error {
  override readonly name = 'PlinthError'
  /** What kind of failure, such as `NOT_FOUND` or `NETWORK_ERROR`. */
  readonly code: Code
  /** Why, where the code alone does not say what to do next, such as `VERSION_CONFLICT`. */
  readonly reason: Reason | undefined
  /** The HTTP status; undefined when no answer arrived. */
  readonly status: number | undefined
  /** The fields that were refused. */
  readonly issues: readonly FieldIssue[]
  /** The procedure that was called. */
  readonly path: string | undefined
  /** Names the call in the server's log; give it to whoever runs the server. */
  readonly traceId: string | undefined
  /** Whether the same call may succeed later without being changed; a mutation only with {@link idempotencyKey}. */
  readonly retryable: boolean
  /** How long the server asks to wait before that, in milliseconds. */
  readonly retryAfterMs: number | undefined
  /**
   * What a failed mutation was sent with. When its outcome is unknown (`NETWORK_ERROR`, `TIMEOUT`), calling again with
   * `{ idempotencyKey: error.idempotencyKey }` and the same input cannot do it twice.
   */
  readonly idempotencyKey: string | undefined

  constructor(message: string, details: PlinthErrorDetails<Code, Reason>) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    Object.defineProperty(this, BRAND, { value: true })
    this.code = details.code
    this.reason = details.reason
    this.status = details.status
    this.issues = details.issues ?? []
    this.path = details.path
    this.traceId = details.traceId
    this.retryable = details.retryable
    this.retryAfterMs = details.retryAfterMs
    this.idempotencyKey = details.idempotencyKey
  }
}

/** Whether `error` is a {@link PlinthError}, of this copy of the package or another. */
export function isPlinthError(error: unknown): error is PlinthError {
  return typeof error === 'object' && error !== null && BRAND in error
}
