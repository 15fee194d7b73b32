import type { z } from 'zod'
import { transaction, whenInDoubt, writeAlone } from '../../platform/database/index.ts'
import type { Actor } from '../actor.ts'
import { type AuditTrail, logAudit } from '../audit.ts'
import type { CallContext } from '../call-context.ts'
import {
  announceChange,
  type CollectedChange,
  type CollectedRecord,
  collectChange,
  collectRecord,
  writeChange,
} from '../change.ts'
import {
  claimKey,
  findAnswer,
  type IdempotentCall,
  Replay,
  type StoredAnswer,
  saveAnswer,
} from '../idempotency.ts'
import type { MutationPolicy } from '../policy.ts'
import { inTransaction, isOneStatement, wholeStatement } from '../statement-change.ts'
import { type Change, CommitThenFail, type MutationUnit, type StatementChange } from '../unit-of-work.ts'

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
  run: (unit: MutationUnit<T>) => Promise<T>,
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

function unitOfWork<T>(call: MutationCall, key: IdempotentCall | undefined): MutationUnit<T> {
  return {
    commit: (work) => commit(call, key, work),
    commitStatement: async (plan) => {
      // The answer to a key is kept in its transaction.
      if (key !== undefined) return await commit(call, key, inTransaction(plan))
      const record = collectRecord()
      const change = plan(record)
      if (!isOneStatement(change, record)) return await commit(call, key, inTransaction(plan))
      return await commitAlone(call, change, record)
    },
  }
}

async function commit<T>(
  call: MutationCall,
  key: IdempotentCall | undefined,
  work: (change: Change) => Promise<T>,
): Promise<T> {
  const { runtime } = call.context
  let attempted: CollectedChange | undefined
  const outcome = await transaction(runtime.database, async (db) => {
    const change = collectChange(db)
    attempted = change
    if (key !== undefined) await claimKey(runtime, db, key)
    const answer = await settle(() => work(change))
    await writeChange(runtime, change, trailOf(call))
    if (key !== undefined) saveAnswer(runtime, db, key, stored(call, answer, change))
    return { answer, change }
  }).catch(
    whenInDoubt(() => {
      if (attempted !== undefined) announceChange(runtime, attempted)
    }),
  )
  publish(call, outcome.change)
  if (!outcome.answer.ok) throw outcome.answer.failure
  return outcome.answer.value
}

/** Commits what one statement writes, with nothing around it. */
async function commitAlone<T>(
  call: MutationCall,
  change: StatementChange<T>,
  record: CollectedRecord,
): Promise<T> {
  const { runtime } = call.context
  const { database } = runtime
  const statement = wholeStatement(change, record, trailOf(call))
  const written = await writeAlone(database, statement, () => announceChange(runtime, record))
  if (!written) throw await change.refusal(database.prisma)
  publish(call, record)
  return change.answer
}

function trailOf({ actor, policy, context }: MutationCall): AuditTrail {
  return { actor, action: policy.audit, request: context.request }
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

function publish(call: MutationCall, change: CollectedRecord): void {
  announceChange(call.context.runtime, change)
  logAudit(call.context.runtime.logger, trailOf(call), change.audits)
  applyCookie(call.context, change.cookie())
}
