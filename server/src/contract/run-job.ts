import { type Prisma, transaction, whenInDoubt } from '../platform/database/index.ts'
import {
  type AttemptControl,
  type AttemptOutcome,
  type ClaimedJob,
  JobLostError,
  type PerformJob,
} from '../platform/jobs/claimed-job.ts'
import { announceJobs } from '../platform/jobs/job-stream.ts'
import { currentContext } from '../platform/request-context.ts'
import type { Actor } from './actor.ts'
import type { ContractRuntime } from './call-context.ts'
import { announceChange, type CollectedChange, collectChange, writeChange } from './change.ts'
import { AppError } from './errors.ts'
import type { JobHandler } from './job.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** What running jobs needs. */
export interface JobRunnerParts {
  readonly runtime: Pick<ContractRuntime, 'database' | 'bus' | 'jobs'>
  readonly handlers: readonly JobHandler[]
  /** The user with the rights they have now, acting through the job; null when they are suspended or gone. */
  readonly loadOwner: (userId: string, jobId: string) => Promise<Actor | null>
}

/** Results are rows that people read; what is larger belongs into storage. */
const MOST_RESULT_BYTES = 64 * 1_024

/**
 * Builds what does one attempt at a job: checks that it may run (version, owner, payload), runs its handler with a unit
 * of work, and says how it ended.
 */
export function createJobRunner({ runtime, handlers, loadOwner }: JobRunnerParts): PerformJob {
  const byName = new Map(handlers.map((handler) => [handler.definition.name, handler]))

  async function prepare(job: ClaimedJob): Promise<Prepared> {
    const { definition, version, ownerId } = job
    const handler = byName.get(definition.name)
    if (handler === undefined) return refused('Nothing here does this kind of job.')
    if (version > definition.version) {
      return { kind: 'postponed', error: `It waits for a server of its version (${version}).` }
    }
    if (version < definition.version) {
      return refused(`It was queued by an older version (${version}) than runs now (${definition.version}).`)
    }
    const actor = ownerId === null ? null : await loadOwner(ownerId, job.id)
    if (ownerId !== null && actor === null) return refused(OWNER_LOST)
    const payload = definition.payload.safeParse(job.data)
    if (!payload.success) return refused('Its payload is not what was queued.', payload.error)
    return { kind: 'ready', handler, actor, payload: payload.data }
  }

  return async (job, control) => {
    try {
      const prepared = await prepare(job)
      if (prepared.kind !== 'ready') return prepared
      const { handler, actor, payload } = prepared
      const context = currentContext()
      if (context !== undefined && actor !== null) context.actor = actor.userId
      const { unit, committed } = createUnit(runtime, job, actor, control, async () => {
        if (actor !== null && (await loadOwner(actor.userId, job.id)) === null) throw new OwnerLostError()
      })
      const { id, attempt } = job
      try {
        const result = await handler.run({
          id,
          payload,
          attempt,
          actor,
          signal: control.signal,
          progress: async (current, total) => control.progress(current, total),
          unit,
        })
        return committed() ? { kind: 'committed' } : { kind: 'done', result: resultOf(job, result) }
      } catch (error) {
        // What was committed stays; the handler's trouble afterwards changes nothing.
        if (committed()) return { kind: 'committed' }
        throw error
      }
    } catch (error) {
      return outcomeOf(error)
    }
  }
}

type Prepared =
  | {
      readonly kind: 'ready'
      readonly handler: JobHandler
      readonly actor: Actor | null
      readonly payload: unknown
    }
  | Extract<AttemptOutcome, { kind: 'refused' | 'postponed' }>

function refused(error: string, cause?: unknown): Prepared {
  return { kind: 'refused', error, cause }
}

const OWNER_LOST = 'Its owner is suspended or gone.'

/** The owner lost their rights while the job ran. */
class OwnerLostError extends Error {
  override readonly name = 'OwnerLostError'
}

/** Only errors of the catalogue are for people to read; those that are final end the job, all others are tried again. */
function outcomeOf(error: unknown): AttemptOutcome {
  if (error instanceof JobLostError) return { kind: 'lost' }
  if (error instanceof OwnerLostError) return { kind: 'refused', error: OWNER_LOST }
  if (!(error instanceof AppError)) return { kind: 'broke', error: 'Something went wrong.', cause: error }
  const final = !error.retryable && error.code !== 'INTERNAL_SERVER_ERROR'
  return { kind: final ? 'failed' : 'broke', error: error.message, cause: error.cause ?? error }
}

function createUnit(
  runtime: JobRunnerParts['runtime'],
  job: ClaimedJob,
  actor: Actor | null,
  control: AttemptControl,
  requireOwner: () => Promise<void>,
): { readonly unit: UnitOfWork<unknown>; committed(): boolean } {
  let committed = false
  const unit: UnitOfWork<unknown> = {
    async commit(work) {
      if (committed) throw new Error('A job commits once: its result is part of it')
      control.signal.throwIfAborted()
      await requireOwner()
      let attempted: CollectedChange | undefined
      const done = await transaction(runtime.database, async (db) => {
        const change = collectChange(db)
        attempted = change
        const answer = await work(change)
        // The fence comes late, so that the queue's row is locked for a moment only, and before anything is written
        // that other transactions wait for.
        await control.complete(db, resultOf(job, answer))
        await writeChange(runtime, change, { actor, action: job.definition.name, request: requestOf(job) })
        return { answer, change }
      }).catch(
        whenInDoubt(() => {
          if (attempted === undefined) return
          announceChange(runtime, attempted)
          announceJobs(runtime.bus, [job.id])
        }),
      )
      committed = true
      announceChange(runtime, done.change)
      return done.answer
    },
  }
  return { unit, committed: () => committed }
}

function requestOf({ traceId }: ClaimedJob) {
  return (
    currentContext() ?? {
      traceId,
      surface: 'job' as const,
      ip: undefined,
      userAgent: undefined,
      roundTrips: 0,
    }
  )
}

/** As JSON spells the NUL and halves of characters, which PostgreSQL's `jsonb` refuses. */
const NOT_KEPT = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i

/**
 * The result as it is kept. Results are written many at a time: one that the database refuses would cost others theirs.
 * @throws Error when it is not what the definition says, cannot be kept, or is too large
 */
function resultOf({ definition }: ClaimedJob, result: unknown): Prisma.InputJsonValue {
  const text = JSON.stringify(definition.result.parse(result) ?? null)
  if (Buffer.byteLength(text) > MOST_RESULT_BYTES) {
    throw new Error(`The result of ${definition.name} is larger than ${MOST_RESULT_BYTES} bytes`)
  }
  if (NOT_KEPT.test(text)) throw new Error(`The result of ${definition.name} holds characters that are none`)
  return JSON.parse(text)
}
