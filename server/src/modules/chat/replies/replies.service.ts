import type { z } from 'zod'
import type { Actor } from '../../../contract/actor.ts'
import type { CallContext } from '../../../contract/call-context.ts'
import { fail, failBecause } from '../../../contract/errors.ts'
import type { Change, UnitOfWork } from '../../../contract/unit-of-work.ts'
import type { Clock } from '../../../platform/clock.ts'
import { type Database, isUniqueViolation } from '../../../platform/database/index.ts'
import { streamTopic } from '../../../platform/events/event-log.ts'
import { newIds } from '../../../platform/ids.ts'
import type { ModelCalls } from '../../models/index.ts'
import type * as schema from '../chat.schema.ts'
import { requireFitting } from '../prompt/assemble.ts'
import { mayUseSources, requireSources } from '../threads/require-sources.ts'
import { findThread } from '../threads/threads.repository.ts'
import { endAbandoned } from './end-reply.ts'
import * as repository from './replies.repository.ts'
import { replyStream } from './reply-events.ts'
import { STOP_TOPIC } from './stop-topic.ts'
import { writeReply } from './write-reply.ts'

type Write<Input extends z.ZodType, Output extends z.ZodType> = {
  readonly actor: Actor
  readonly input: z.output<Input>
  readonly unit: UnitOfWork<z.input<Output>>
  readonly context: Pick<CallContext, 'request'>
}

/** Asks for replies, stops them, asks again. A thread is its user's alone: NOT_FOUND for everybody else. */
export interface RepliesService {
  /** @throws NOT_FOUND, SCOPE_MISSING, REPLY_UNDER_WAY, BAD_REQUEST (`model`), MODEL_NOT_AVAILABLE, CONTEXT_TOO_LONG */
  send(
    call: Write<typeof schema.ChatSendInput, typeof schema.ChatSendOutput>,
  ): Promise<z.infer<typeof schema.ChatSendOutput>>
  /** @throws NOT_FOUND */
  stop(
    call: Write<typeof schema.ChatStopInput, typeof schema.ChatStopOutput>,
  ): Promise<z.infer<typeof schema.ChatStopOutput>>
  /** @throws NOT_FOUND, SCOPE_MISSING, REPLY_NOT_FAILED, REPLY_UNDER_WAY */
  retry(
    call: Write<typeof schema.ChatRetryInput, typeof schema.ChatRetryOutput>,
  ): Promise<z.infer<typeof schema.ChatRetryOutput>>
}

/** What the service is made of. */
export interface RepliesServiceDeps {
  readonly database: Database
  readonly clock: Clock
  readonly models: Pick<ModelCalls, 'chatModel' | 'settleAbandoned'>
}

const LONGEST_TITLE = 80

/** Builds the {@link RepliesService}. */
export function createRepliesService({ database, clock, models }: RepliesServiceDeps): RepliesService {
  return {
    async send({ actor, input: { threadId, text, model }, unit, context }) {
      const thread = await findThread(database, actor, threadId)
      if (thread === null) throw fail('NOT_FOUND')
      const usable = await models.chatModel(actor, model ?? thread.model)
      requireFitting(usable, text)
      return unit.commit(async (change) => {
        const now = clock.now()
        const [messageId = '', replyId = ''] = newIds(2, now)
        const jobId = change.enqueue(writeReply, { replyId })
        await begin(change, actor, {
          id: replyId,
          threadId,
          question: { id: messageId, text, title: firstLine(text) },
          modelId: usable.id,
          jobId,
          traceId: context.request.traceId,
          now,
        })
        change.audit({ targetType: 'thread', targetId: threadId, changes: { messageId, replyId } })
        return { messageId, replyId }
      })
    },

    stop: ({ actor, input: { replyId }, unit }) =>
      unit.commit(async (change) => {
        const reply = await repository.lockReply(change.db, replyId, actor.userId)
        if (reply === null) throw fail('NOT_FOUND')
        const { state } = reply
        change.audit({ targetType: 'thread', targetId: reply.threadId, changes: { replyId } })
        if (state !== 'queued' && state !== 'streaming') return { replyId, state }
        await repository.requestStop(change.db, replyId, clock.now())
        change.announce(STOP_TOPIC, replyId)
        if (state === 'streaming') return { replyId, state }
        // Nothing was asked yet, so there is nobody to wait for.
        await endAbandoned({ models, clock }, change.db, reply, { state: 'stopped', finishReason: null })
        change.wake(streamTopic(replyStream(replyId)), '')
        return { replyId, state: 'stopped' }
      }),

    async retry({ actor, input, unit, context }) {
      return unit.commit(async (change) => {
        const former = await repository.lockReply(change.db, input.replyId, actor.userId)
        if (former === null) throw fail('NOT_FOUND')
        const { threadId, answersId, modelId, state } = former
        const hasFailed = state === 'interrupted' || state === 'failed'
        // A note that another module left answers nothing.
        if (!hasFailed || answersId === null) throw failBecause('REPLY_NOT_FAILED')
        const now = clock.now()
        const [replyId = ''] = newIds(1, now)
        const jobId = change.enqueue(writeReply, { replyId })
        const { traceId } = context.request
        const question = { id: answersId }
        await begin(change, actor, { id: replyId, threadId, question, modelId, jobId, traceId, now })
        change.audit({
          targetType: 'thread',
          targetId: threadId,
          changes: { replyId, insteadOf: former.id },
        })
        return { replyId }
      })
    },
  }
}

/** Writes a reply that is to be written. @throws NOT_FOUND, SCOPE_MISSING, REPLY_UNDER_WAY */
async function begin(
  { db }: Change,
  actor: Actor,
  reply: Omit<repository.NewReply, 'userId' | 'maySources'>,
): Promise<void> {
  const { userId } = actor
  try {
    const asked = { ...reply, userId, maySources: mayUseSources(actor) }
    if (await repository.insertReply(db, asked)) return
  } catch (error) {
    if (isUniqueViolation(error)) throw failBecause('REPLY_UNDER_WAY', { cause: error })
    throw error
  }
  const thread = await repository.findSources(db, userId, reply.threadId)
  if (thread === null) throw fail('NOT_FOUND')
  if (thread.hasSources) requireSources(actor)
  throw failBecause('REPLY_UNDER_WAY')
}

function firstLine(text: string): string {
  const line = text.trim().split('\n', 1)[0]?.trim() ?? ''
  const cut = line.length > LONGEST_TITLE ? `${line.slice(0, LONGEST_TITLE - 1)}…` : line
  return cut.toWellFormed().replaceAll('\u{fffd}', '')
}
