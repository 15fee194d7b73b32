import type { AppError, ErrorCode, ErrorReason } from '../../contract/errors.ts'

/** What to do next, for a model that cannot ask anybody. */
const byCode: Readonly<Record<ErrorCode, string>> = {
  BAD_REQUEST: 'Correct the fields named below by the input schema, and call again.',
  UNAUTHORIZED: 'The credential ended. Ask the user for a new API key; trying again will not help.',
  FORBIDDEN: 'The user may not do this. Tell them; do not try another way round.',
  NOT_FOUND: 'Check the id: list what there is. It may be deleted, or the user may not see it.',
  METHOD_NOT_SUPPORTED: 'Call another procedure; search for it.',
  TIMEOUT: 'Try again once; ask for less if it happens again.',
  CONFLICT: 'Read what is there now, then decide.',
  PRECONDITION_FAILED: 'Read what is there now, then decide.',
  PAYLOAD_TOO_LARGE: 'Send less at once.',
  UNSUPPORTED_MEDIA_TYPE: 'Send another kind of file.',
  UNPROCESSABLE_CONTENT: 'Change the call; the same one will be refused again.',
  TOO_MANY_REQUESTS: 'Wait as long as told below, then call again. Do not call in parallel.',
  CLIENT_CLOSED_REQUEST: 'The call was cancelled; whether it had an effect is to be looked up.',
  INTERNAL_SERVER_ERROR:
    'This is a mistake of the server. Give the user the trace id; look up whether the call had an effect before repeating it.',
  BAD_GATEWAY: 'Try again in a few seconds.',
  SERVICE_UNAVAILABLE: 'Wait as long as told below, then call again.',
}

/** Where the reason knows better than the code. */
const byReason: Readonly<Partial<Record<ErrorReason, string>>> = {
  SCOPE_MISSING: 'Ask the user for an API key with this scope, or do without.',
  SESSION_REQUIRED: 'Only the user can do this, logged in; tell them.',
  REAUTH_REQUIRED: 'Only the user can do this, after logging in again; tell them.',
  VERSION_CONFLICT: 'Read it again, apply the change to what is there now, and send the new version.',
  SLUG_TAKEN: 'Choose another slug.',
  ALREADY_MEMBER: 'Nothing to do, or change their role.',
  LAST_OWNER: 'Make somebody else an owner first.',
  JOB_ENDED: 'Nothing to do; get the job to see how it ended.',
  IDEMPOTENCY_MISMATCH: 'Use a new idempotency key for another input.',
  RESUME_TOO_OLD: 'Read the list again, then wait for events without lastEventId.',
  STORAGE_QUOTA_EXCEEDED: 'Ask the user which files can be deleted.',
}

/** What whoever got `error` should do next: one or two sentences. */
export function nextStepOf({ code, reason }: Pick<AppError, 'code' | 'reason'>): string {
  return (reason === undefined ? undefined : byReason[reason]) ?? byCode[code]
}
