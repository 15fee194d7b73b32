import { type AppError, type ErrorCode, errorCodes } from '../../../contract/errors.ts'
import type { Bill } from '../../models/index.ts'
import type { ReplyEvent } from '../chat.schema.ts'
import type { ReplyEnd } from './replies.repository.ts'
import { keptEvent } from './reply-events.ts'

/** Why a reply ended otherwise than well, as people and programs are told. */
export interface ReplyFailure {
  readonly state: 'interrupted' | 'failed'
  readonly code: string
  readonly message: string
  readonly retryable: boolean
  readonly retryAfterMs?: number | undefined
}

/** The failure of a reply whose worker died or had to stop. */
export const INTERRUPTED: ReplyFailure = {
  state: 'interrupted',
  code: 'INTERRUPTED',
  message: 'The server that wrote this answer stopped. Ask for it again.',
  retryable: true,
}

/** The failure of a reply whose user may do nothing here any more, or for a while. */
export const LOCKED_OUT: ReplyFailure = {
  state: 'failed',
  code: 'UNAUTHORIZED',
  message:
    'The user was suspended or deleted while this answer was written. Ask for it again after logging in.',
  retryable: false,
}

/** The failure that an error of the catalogue is. */
export function failureOf(error: AppError): ReplyFailure {
  const { code, reason, message, retryable, retryAfterMs } = error
  return { state: 'failed', code: reason ?? code, message, retryable, retryAfterMs }
}

/** The failure of a reply for a plain code of the catalogue. */
export function failureFor(code: ErrorCode): ReplyFailure {
  const { message, retryable } = errorCodes[code]
  return { state: 'failed', code, message, retryable }
}

/** How a reply ends, before it is known what was written of it. */
export type Ending =
  | { readonly state: 'done' | 'stopped'; readonly finishReason: string | null }
  | ReplyFailure

/** What there is to end. */
interface Ended {
  readonly id: string
  readonly revision: bigint
  /** How long its text is. */
  readonly length: number
  readonly traceId: string | null
  readonly bill: Bill | null | undefined
  readonly now: Date
}

/** What is to be written of a reply that ends: its columns, and its last events. */
export function replyEnd(
  { id, revision, length, traceId: trace, bill, now }: Ended,
  ending: Ending,
): ReplyEnd {
  const traceId = trace ?? ''
  const events: ReplyEvent[] = []
  const amount = bill ?? undefined
  if (amount !== undefined) {
    const { inputTokens, outputTokens, cost } = amount
    events.push({ type: 'usage', inputTokens, outputTokens, cost, traceId })
  }
  const isGood = !('code' in ending)
  if (isGood) events.push({ type: 'done', ...ending, traceId })
  else events.push(errorEvent(ending, traceId, now))
  return {
    id,
    revision,
    state: ending.state,
    finishReason: isGood ? ending.finishReason : null,
    bill: amount,
    error: isGood ? undefined : { code: ending.code, message: ending.message },
    events: events.map((event) => keptEvent(event, length)),
    now,
  }
}

function errorEvent({ retryAfterMs, ...failure }: ReplyFailure, traceId: string, now: Date): ReplyEvent {
  const retryAt =
    retryAfterMs === undefined ? {} : { retryAt: new Date(now.getTime() + retryAfterMs).toISOString() }
  return { type: 'error', ...failure, ...retryAt, traceId }
}
