import type { z } from 'zod'
import { isUnavailable, transaction } from '../../platform/database/index.ts'
import type { BusMessage } from '../../platform/events/bus.ts'
import { appendEvents, type NewEvent, streamTopic } from '../../platform/events/event-log.ts'
import { enqueueMails, type NewMail, OUTBOX_TOPIC } from '../../platform/mail/outbox.ts'
import type { Actor } from '../actor.ts'
import { type AuditTrail, writeAudit } from '../audit.ts'
import type { CallContext } from '../call-context.ts'
import {
  claimKey,
  findAnswer,
  type IdempotentCall,
  Replay,
  type StoredAnswer,
  saveAnswer,
} from '../idempotency.ts'
import type { MutationPolicy } from '../policy.ts'
import { type AuditEntry, type Change, CommitThenFail, type UnitOfWork } from '../unit-of-work.ts'

/** One mutation on its way through the pipeline. */
export interface MutationCall {
  readonly path: string
  readonly batchIndex: number
  readonly policy: MutationPolicy
  readonly actor: Actor | null
  readonly input: unknown
  readonly output: z.ZodType
  readonly context: CallContext
}

/** Runs a mutation's service with a unit of work, or gives back the stored answer of its idempotency key. */
export async function runMutation<T>(
  call: MutationCall,
  run: (unit: UnitOfWork<T>) => Promise<T>,
): Promise<unknown> {
  const { context } = call
  const key = idempotentCall(call)
  if (key !== undefined) {
    const known = await findAnswer(context.runtime, key)
    if (known !== undefined) return replayed(context, known)
  }
  try {
    return await run(unitOfWork(call, key))
  } catch (error) {
    if (error instanceof Replay) return replayed(context, error.stored)
    throw error
  }
}

function replayed(context: CallContext, { answer, cookie }: StoredAnswer): unknown {
  context.headers.set('Idempotency-Replayed', 'true')
  applyCookie(context, cookie)
  return answer
}

function applyCookie({ cookies }: CallContext, cookie: StoredAnswer['cookie']): void {
  if (cookie === null) cookies?.clearRefreshToken()
  else if (cookie !== undefined) cookies?.setRefreshToken(cookie.token, cookie.maxAgeSeconds)
}

function idempotentCall(call: MutationCall): IdempotentCall | undefined {
  const { idempotencyKey } = call.context
  if (idempotencyKey === undefined) return undefined
  if (call.actor === null && call.policy.anonymousKeys !== true) return undefined
  return {
    owner: call.actor === null ? 'anonymous' : `user:${call.actor.userId}`,
    procedure: call.path,
    // The calls of a batch share the header, so the key alone would make them one call.
    key: call.context.batched ? `${idempotencyKey}#${call.batchIndex}` : idempotencyKey,
    input: call.input,
  }
}

function unitOfWork<T>(call: MutationCall, key: IdempotentCall | undefined): UnitOfWork<T> {
  const { runtime } = call.context
  return {
    async commit(work) {
      let attempted: CollectedChange | undefined
      const outcome = await transaction(runtime.database, async (db) => {
        const change = collectChange(db)
        attempted = change
        if (key !== undefined) await claimKey(runtime, db, key)
        const answer = await settle(() => work(change))
        await writeChange(call, change)
        if (key !== undefined) await saveAnswer(runtime, db, key, stored(call, answer, change))
        return { answer, change }
      }).catch((error: unknown) => {
        // The connection broke, perhaps after the commit: said in vain it costs a look, not said it leaves a revoked
        // session alive.
        if (attempted !== undefined && isUnavailable(error)) announce(call, attempted)
        throw error
      })
      publish(call, outcome.change)
      if (!outcome.answer.ok) throw outcome.answer.failure
      return outcome.answer.value
    },
  }
}

function stored(
  call: MutationCall,
  settled: Settled<unknown>,
  change: CollectedChange,
): StoredAnswer | undefined {
  return settled.ok ? { answer: call.output.parse(settled.value), cookie: change.cookie() } : undefined
}

type Settled<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Error }

async function settle<T>(work: () => Promise<T>): Promise<Settled<T>> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    if (error instanceof CommitThenFail) return { ok: false, failure: error.failure }
    throw error
  }
}

interface CollectedChange extends Change {
  readonly audits: AuditEntry[]
  readonly events: NewEvent[]
  readonly mails: NewMail[]
  readonly announcements: BusMessage[]
  readonly cookie: () => StoredAnswer['cookie']
}

function collectChange(db: Change['db']): CollectedChange {
  const audits: AuditEntry[] = []
  const events: NewEvent[] = []
  const mails: NewMail[] = []
  const announcements: BusMessage[] = []
  let cookie: StoredAnswer['cookie']
  return {
    db,
    audits,
    events,
    mails,
    announcements,
    cookie: () => cookie,
    audit: (entry) => void audits.push(entry),
    emit: (event) => void events.push(event),
    mail: (message) => void mails.push(message),
    announce: (topic, payload) => void announcements.push({ topic, payload }),
    refreshCookie(given) {
      cookie = given
    },
  }
}

/** Events come last: they lock their stream, and the shorter that lasts the more writers a project can have. */
async function writeChange(call: MutationCall, change: CollectedChange): Promise<void> {
  const trail: AuditTrail = { actor: call.actor, action: call.policy.audit, request: call.context.request }
  await writeAudit(change.db, trail, change.audits)
  if (change.mails.length > 0) await enqueueMails(change.db, change.mails)
  await call.context.runtime.bus.notify(change.db, messagesOf(change))
  if (change.events.length > 0) await appendEvents(change.db, change.events)
}

/** Everything that must be heard of this change, by topic. */
function messagesOf({ announcements, mails, events }: CollectedChange): BusMessage[] {
  const streams = new Set(events.map((event) => event.stream))
  return [
    ...announcements,
    ...(mails.length > 0 ? [{ topic: OUTBOX_TOPIC, payload: '' }] : []),
    ...[...streams].map((stream) => ({ topic: streamTopic(stream), payload: '' })),
  ]
}

function announce(call: MutationCall, change: CollectedChange): void {
  for (const { topic, payload } of messagesOf(change)) call.context.runtime.bus.publish(topic, payload)
}

function publish(call: MutationCall, change: CollectedChange): void {
  announce(call, change)
  applyCookie(call.context, change.cookie())
}
