import type { z } from 'zod'
import type { Db, Prisma, Tx } from '../platform/database/index.ts'
import type { NewEvent } from '../platform/events/event-log.ts'
import type { JobDefinition } from '../platform/jobs/job-definition.ts'
import type { JobOptions } from '../platform/jobs/new-job.ts'
import type { NewMail } from '../platform/mail/mail-rows.ts'
import type { SqlValues } from '../platform/pagination/sql-values.ts'

/** What a mutation did to what; who, when and from where are added by the pipeline. Never put secrets in `changes`. */
export interface AuditEntry {
  /** Replaces the action of the policy, for calls that do one of several things. */
  readonly action?: string
  readonly targetType: string
  readonly targetId: string
  readonly changes?: Prisma.InputJsonObject
}

/** A refresh token for the cookie jar. */
export interface RefreshCookie {
  readonly token: string
  readonly maxAgeSeconds: number
}

/** What belongs to a mutation beside its rows, and must be true if and only if they are. */
export interface ChangeRecord {
  /** Adds an audit row to the transaction. A mutation that adds none gets one without a target. */
  audit(entry: AuditEntry): void
  /** Adds an event to its stream; subscribers hear of it after the commit. */
  emit(event: NewEvent): void
  /** Queues a mail; it is sent after the commit, also if the process dies in between. */
  mail(message: NewMail): void
  /**
   * Queues a job with the change and returns its id; it runs after the commit, also if the process dies in between. It
   * belongs to the actor of the call unless `options` name another owner.
   */
  enqueue<Payload extends z.ZodType>(
    job: JobDefinition<Payload>,
    payload: z.input<Payload>,
    options?: JobOptions,
  ): string
  /**
   * Ends what the cache keeps under these tags, in all processes, if and only if it commits: for what rights, money or
   * configuration depend on, and what somebody may not see any more. The price is that of {@link announce}.
   */
  invalidate(...tags: string[]): void
  /**
   * Ends what the cache keeps under these tags, in this process with the commit and in others a moment later. When this
   * process dies in between, the others keep the old value until its time is up: only for what may be old, such as
   * statistics.
   */
  invalidateEventually(...tags: string[]): void
  /**
   * Tells all processes if and only if it commits, for example to drop a cached session. PostgreSQL lets one such
   * transaction of the whole database commit at a time, so it is only for what must not be lost.
   */
  announce(topic: string, payload: string): void
  /**
   * Tells all processes that there is something to do or to look at: this one with the commit, others a moment later.
   * When this process dies in between, the others are not told: only for those who look by themselves now and then.
   * Followers of the events given to {@link emit}, and workers of the jobs given to {@link enqueue}, are woken anyway.
   */
  wake(topic: string, payload: string): void
  /**
   * Puts a refresh token into the caller's cookie jar after the commit, or takes the one there out (null). It is kept,
   * sealed, with the answer: a repeated idempotency key has the same effect again. Without a jar nothing happens.
   */
  refreshCookie(cookie: RefreshCookie | null): void
}

/** The inside of a mutation's one transaction: the rows, and everything that must be true if and only if they are. */
export interface Change extends ChangeRecord {
  /** Prisma, bound to the transaction. */
  readonly db: Tx
}

/** Lets a mutation open its transaction when it is ready, after slow work such as hashing a password. */
export interface UnitOfWork<Answer> {
  /**
   * Runs `work` in one transaction, together with its audit rows, events, mails and idempotency record; retried on
   * serialization failures, so `work` must only touch the database and its own `Change`.
   * What it returns is the call's answer: it is kept with the idempotency key, and what a repetition gets back.
   */
  readonly commit: (work: (change: Change) => Promise<Answer>) => Promise<Answer>
}

/** A change whose rows one statement writes, and of which everything is known beforehand but whether it may be made. */
export interface StatementChange<Answer> {
  /** What is bound in {@link text}, made anew by each run of the plan: more is bound behind it. */
  readonly values: SqlValues
  /** INSERT, UPDATE or DELETE … RETURNING. It writes everything, or no row when something is in the way. */
  readonly text: string
  readonly answer: Answer
  /** Why it wrote nothing. */
  readonly refusal: (db: Db) => Promise<Error>
  /** What else has to be written with it, if anything: that takes a transaction of several round trips. */
  readonly afterwards?: ((change: Change) => Promise<void>) | undefined
}

/** The unit of work of a mutation. */
export interface MutationUnit<Answer> extends UnitOfWork<Answer> {
  /**
   * As {@link commit}, for a change that one statement makes: it takes its audit row and its event along, so that all is
   * one round trip in place of BEGIN, the statement, and those with COMMIT. Unless the change comes with more than that,
   * or with an idempotency key; then it is a transaction like others.
   * `plan` says what the statement will write; it may run several times, and must touch nothing but the record.
   *
   * Foreign keys are checked at the end of a statement, so the event's stream is locked before the rows they point to.
   * Who locks such a row FOR UPDATE, deletes it or changes its key must not emit to that stream afterwards: one of the
   * two would be the victim of a deadlock, and be done again.
   * @throws what `refusal` gives when the statement writes nothing
   */
  readonly commitStatement: (plan: (record: ChangeRecord) => StatementChange<Answer>) => Promise<Answer>
}

/** Throw it inside {@link UnitOfWork.commit} to keep what was written and still fail the call (a detected token reuse). */
export class CommitThenFail extends Error {
  override readonly name = 'CommitThenFail'
  readonly failure: Error

  constructor(failure: Error) {
    super(failure.message)
    this.failure = failure
  }
}
