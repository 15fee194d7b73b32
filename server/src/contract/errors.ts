import type { TRPC_ERROR_CODE_KEY } from '@trpc/server'

/** What every failed call says: a code of this catalogue, mapped here and nowhere else to tRPC and HTTP. */
export const errorCodes = {
  BAD_REQUEST: { status: 400, retryable: false, message: 'The input is not valid.' },
  UNAUTHORIZED: { status: 401, retryable: false, message: 'Log in, or send a valid token or API key.' },
  FORBIDDEN: { status: 403, retryable: false, message: 'You may not do this.' },
  NOT_FOUND: { status: 404, retryable: false, message: 'There is no such thing here.' },
  METHOD_NOT_SUPPORTED: { status: 405, retryable: false, message: 'This method is not supported here.' },
  TIMEOUT: { status: 408, retryable: true, message: 'The call took too long.' },
  CONFLICT: { status: 409, retryable: false, message: 'This collides with what is there.' },
  PRECONDITION_FAILED: {
    status: 412,
    retryable: false,
    message: 'A precondition of the call does not hold.',
  },
  PAYLOAD_TOO_LARGE: { status: 413, retryable: false, message: 'The request is too large.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false, message: 'Send application/json.' },
  UNPROCESSABLE_CONTENT: {
    status: 422,
    retryable: false,
    message: 'The request cannot be carried out as sent.',
  },
  TOO_MANY_REQUESTS: { status: 429, retryable: true, message: 'Too many calls; wait and try again.' },
  CLIENT_CLOSED_REQUEST: { status: 499, retryable: false, message: 'The caller went away.' },
  INTERNAL_SERVER_ERROR: { status: 500, retryable: false, message: 'Internal server error.' },
  BAD_GATEWAY: {
    status: 502,
    retryable: true,
    message: 'A service this call needs did not answer properly.',
  },
  SERVICE_UNAVAILABLE: { status: 503, retryable: true, message: 'Service unavailable; try again shortly.' },
} as const satisfies Partial<
  Record<TRPC_ERROR_CODE_KEY, { status: number; retryable: boolean; message: string }>
>

/** A code of the catalogue; also the tRPC code, and through `status` the HTTP status. */
export type ErrorCode = keyof typeof errorCodes

/**
 * Why, where the code alone does not tell a program what to do next. Each reason belongs to one code; a procedure
 * declares the reasons it can answer with, and the SDK types them.
 */
export const errorReasons = {
  INVALID_CREDENTIALS: { code: 'UNAUTHORIZED', message: 'E-mail or password is wrong.' },
  REAUTH_REQUIRED: {
    code: 'FORBIDDEN',
    message: 'Log in again: this needs a recent proof of your password.',
  },
  SCOPE_MISSING: { code: 'FORBIDDEN', message: 'The API key does not carry the scope this call needs.' },
  SESSION_REQUIRED: { code: 'FORBIDDEN', message: 'This call needs a logged-in session, not an API key.' },
  ORIGIN_REFUSED: { code: 'FORBIDDEN', message: 'Cookies are accepted only from allowed origins.' },
  PASSWORD_REFUSED: { code: 'BAD_REQUEST', message: 'Choose another password.' },
  TOKEN_INVALID: { code: 'BAD_REQUEST', message: 'The link is not valid any more; ask for a new one.' },
  SLUG_TAKEN: { code: 'CONFLICT', message: 'The slug is taken.' },
  ALREADY_MEMBER: { code: 'CONFLICT', message: 'This user is a member already.' },
  LAST_SUPER_ADMIN: { code: 'CONFLICT', message: 'The last super admin stays one.' },
  TOO_MANY_KEYS: { code: 'CONFLICT', message: 'You have as many API keys as there can be; revoke one.' },
  LAST_OWNER: { code: 'CONFLICT', message: 'A project keeps at least one owner.' },
  VERSION_CONFLICT: { code: 'CONFLICT', message: 'Somebody changed this meanwhile; read it again.' },
  JOB_ENDED: { code: 'CONFLICT', message: 'The job has ended already.' },
  JOB_NOT_FAILED: { code: 'CONFLICT', message: 'Only a job that failed or was given up can be tried again.' },
  STORAGE_QUOTA_EXCEEDED: {
    code: 'CONFLICT',
    message: 'You keep as much as you may; delete something.',
  },
  FILE_TYPE_REFUSED: { code: 'UNSUPPORTED_MEDIA_TYPE', message: 'This kind of file is not taken here.' },
  BUDGET_EXCEEDED: { code: 'TOO_MANY_REQUESTS', message: 'Your budget for models is used up for now.' },
  MODEL_NOT_AVAILABLE: {
    code: 'CONFLICT',
    message: 'This model cannot be used at the moment; choose another.',
  },
  PROVIDER_UNAVAILABLE: {
    code: 'SERVICE_UNAVAILABLE',
    message: 'The model’s provider cannot be reached; try again shortly.',
  },
  PROVIDER_TIMEOUT: { code: 'BAD_GATEWAY', message: 'The model’s provider did not answer in time.' },
  PROVIDER_RATE_LIMITED: {
    code: 'SERVICE_UNAVAILABLE',
    message: 'The model’s provider takes no more calls at the moment.',
  },
  PROVIDER_KEY_REFUSED: { code: 'BAD_GATEWAY', message: 'The model’s provider refused the key.' },
  PROVIDER_REFUSED: { code: 'UNPROCESSABLE_CONTENT', message: 'The model’s provider refused the request.' },
  PROVIDER_BAD_ANSWER: {
    code: 'BAD_GATEWAY',
    message: 'The model’s provider gave an answer that could not be read.',
  },
  CONTEXT_TOO_LONG: {
    code: 'UNPROCESSABLE_CONTENT',
    message: 'This is more than the model can take; shorten it or choose another.',
  },
  INVALID_URL: { code: 'BAD_REQUEST', message: 'This address cannot be used.' },
  TOO_MANY_KNOWLEDGE_BASES: {
    code: 'CONFLICT',
    message: 'You have as many knowledge bases as there can be; delete one.',
  },
  TOO_MANY_AGENTS: { code: 'CONFLICT', message: 'You have as many agents as there can be; delete one.' },
  REPLY_UNDER_WAY: {
    code: 'CONFLICT',
    message: 'The answer before is still being written; wait for it or stop it.',
  },
  REPLY_NOT_FAILED: {
    code: 'CONFLICT',
    message: 'Only an answer that was interrupted or failed can be asked for again.',
  },
  TOO_MANY_RUNS: {
    code: 'CONFLICT',
    message: 'You have as many runs under way as there can be; wait for one or cancel it.',
  },
  RUN_ENDED: { code: 'CONFLICT', message: 'The run has ended already.' },
  CALL_NOT_WAITING: { code: 'CONFLICT', message: 'This call does not wait for an answer.' },
  IDEMPOTENCY_MISMATCH: {
    code: 'UNPROCESSABLE_CONTENT',
    message: 'This idempotency key was used with other input.',
  },
  RESUME_TOO_OLD: {
    code: 'BAD_REQUEST',
    message: 'Events this old are not kept; read the list again, then subscribe without lastEventId.',
  },
  NOT_BATCHABLE: { code: 'BAD_REQUEST', message: 'This procedure cannot be part of a batch.' },
  OVERLOADED: { code: 'SERVICE_UNAVAILABLE', message: 'The server is busy; try again shortly.' },
} as const satisfies Record<string, { code: ErrorCode; message: string }>

/** A declared reason of the catalogue. */
export type ErrorReason = keyof typeof errorReasons

/** One field that was refused. `field` is a dotted path into the input; `value` is left out where it may be secret. */
export interface FieldIssue {
  readonly field: string
  readonly message: string
  readonly value?: string | number | boolean | null
}

interface AppErrorOptions {
  readonly message?: string
  readonly issues?: readonly FieldIssue[]
  /** How long a caller should wait before trying again, in milliseconds. */
  readonly retryAfterMs?: number
  /** What went wrong inside; logged, never sent. */
  readonly cause?: unknown
}

/** The one error services throw. Build it with {@link fail} or {@link failBecause}. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly reason: ErrorReason | undefined
  readonly issues: readonly FieldIssue[]
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, reason: ErrorReason | undefined, options: AppErrorOptions = {}) {
    const fallback = reason === undefined ? errorCodes[code].message : errorReasons[reason].message
    super(options.message ?? fallback, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.reason = reason
    this.issues = options.issues ?? []
    this.retryAfterMs = options.retryAfterMs
  }

  /** Whether the same call may succeed later without being changed. */
  get retryable(): boolean {
    return errorCodes[this.code].retryable
  }
}

/** An error with a plain code of the catalogue. */
export function fail(code: ErrorCode, options?: AppErrorOptions): AppError {
  return new AppError(code, undefined, options)
}

/** An error with a declared reason; its code follows from the catalogue. */
export function failBecause(reason: ErrorReason, options?: AppErrorOptions): AppError {
  return new AppError(errorReasons[reason].code, reason, options)
}

/** A BAD_REQUEST about one field. */
export function invalid(field: string, message: string, value?: FieldIssue['value']): AppError {
  return fail('BAD_REQUEST', {
    issues: [value === undefined ? { field, message } : { field, message, value }],
  })
}
