import type { Clock } from '../../../platform/clock.ts'
import { type Database, type Tx, transaction, whenInDoubt } from '../../../platform/database/index.ts'
import type { Bus } from '../../../platform/events/bus.ts'
import { streamTopic } from '../../../platform/events/event-log.ts'
import type { ModelCalls } from '../../models/index.ts'
import { endReply, type LockedReply, lockReply } from './replies.repository.ts'
import { type Ending, INTERRUPTED, replyEnd } from './reply-ends.ts'
import { replyStream } from './reply-events.ts'

/** What ending replies needs. */
export interface EndReplyDeps {
  readonly database: Database
  readonly bus: Bus
  readonly clock: Clock
  readonly models: Pick<ModelCalls, 'settleAbandoned'>
}

/**
 * Ends a locked reply that nobody writes, in the transaction `tx`: what was kept of it is what is paid for.
 * Whoever calls wakes its followers after the commit.
 */
export async function endAbandoned(
  { models, clock }: Pick<EndReplyDeps, 'models' | 'clock'>,
  tx: Tx,
  reply: LockedReply,
  ending: Ending,
): Promise<void> {
  const { id, revision, text, traceId, usageId } = reply
  const bill = usageId === null ? null : await models.settleAbandoned(tx, usageId, text)
  const ended = { id, revision, length: text.length, traceId, bill, now: clock.now() }
  await endReply(tx, replyEnd(ended, ending))
}

/**
 * Ends a reply whose worker is gone: as `stopped` if that was asked for, else as `interrupted`. One that has ended
 * stays as it is. How it stands then, or `gone`.
 */
export async function interruptReply(deps: EndReplyDeps, id: string): Promise<string> {
  const { database, bus } = deps
  const message = { topic: streamTopic(replyStream(id)), payload: '' }
  const announce = (): void => {
    bus.publish(message.topic, message.payload)
    bus.tell([message])
  }
  const state = await transaction(database, async (tx) => {
    const reply = await lockReply(tx, id)
    if (reply === null) return 'gone'
    if (reply.state !== 'queued' && reply.state !== 'streaming') return reply.state
    const ending: Ending =
      reply.stopRequestedAt === null ? INTERRUPTED : { state: 'stopped', finishReason: null }
    await endAbandoned(deps, tx, reply, ending)
    return ending.state
  }).catch(whenInDoubt(announce))
  announce()
  return state
}
