import { type AppError, failBecause, invalid } from './errors.ts'

/**
 * Where a subscription goes on: the number in `lastEventId`, undefined to hear only of what comes.
 * @throws BAD_REQUEST naming `lastEventId`
 */
export function eventPosition(lastEventId: string | undefined): bigint | undefined {
  if (lastEventId === undefined) return undefined
  if (!/^\d{1,18}$/.test(lastEventId)) throw unknownEventId()
  return BigInt(lastEventId)
}

/** BAD_REQUEST: `lastEventId` is of no event of the stream. */
export function unknownEventId(): AppError {
  return invalid('lastEventId', 'This is not the id of an event of this stream.')
}

/** RESUME_TOO_OLD: what came after `lastEventId` is not kept any more. Name the reason in the subscription's policy. */
export function eventTooOld(): AppError {
  return failBecause('RESUME_TOO_OLD', {
    issues: [{ field: 'lastEventId', message: 'Events this old are not kept.' }],
  })
}
