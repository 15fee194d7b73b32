import { CACHE_TOPIC } from '../platform/cache/index.ts'
import { runAtCommit } from '../platform/database/index.ts'
import type { BusMessage } from '../platform/events/bus.ts'
import { appendingSql, eventValues, type NewEvent, streamTopic } from '../platform/events/event-log.ts'
import { newId } from '../platform/ids.ts'
import { JOBS_TOPIC } from '../platform/jobs/job-queue.ts'
import { type NewJob, newJob } from '../platform/jobs/new-job.ts'
import { insertMails, type NewMail } from '../platform/mail/mail-rows.ts'
import { sendMailJob } from '../platform/mail/send-mail.job.ts'
import { type AuditTrail, auditingSql, auditRows } from './audit.ts'
import type { ContractRuntime } from './call-context.ts'
import type { AuditEntry, Change, ChangeRecord, RefreshCookie } from './unit-of-work.ts'

/** What was said of a change. */
export interface CollectedRecord extends ChangeRecord {
  readonly audits: AuditEntry[]
  readonly events: NewEvent[]
  readonly mails: (NewMail & { readonly id: string })[]
  readonly jobs: NewJob[]
  /** What the other processes are told with the commit. */
  readonly announcements: BusMessage[]
  /** What they are told after it. */
  readonly wakeUps: BusMessage[]
  /** The refresh cookie asked for: null to clear it, undefined to leave it. */
  readonly cookie: () => RefreshCookie | null | undefined
}

/** A change with what was said of it while the transaction ran; written at its end. */
export interface CollectedChange extends CollectedRecord, Change {}

type Runtime = Pick<ContractRuntime, 'bus' | 'jobs'>

/** Begins to collect what belongs to the transaction `db`. */
export function collectChange(db: Change['db']): CollectedChange {
  return { db, ...collectRecord() }
}

/** Begins to collect what belongs to a change that has no transaction, or none yet. */
export function collectRecord(): CollectedRecord {
  const audits: AuditEntry[] = []
  const events: NewEvent[] = []
  const mails: CollectedChange['mails'] = []
  const jobs: NewJob[] = []
  const announcements: BusMessage[] = []
  const wakeUps: BusMessage[] = []
  let cookie: RefreshCookie | null | undefined
  return {
    audits,
    events,
    mails,
    jobs,
    announcements,
    wakeUps,
    cookie: () => cookie,
    audit: (entry) => void audits.push(entry),
    emit: (event) => void events.push(event),
    mail(message) {
      const id = newId()
      mails.push({ id, ...message })
      // The system's own: a user who was suspended meanwhile still gets the mail that says so.
      jobs.push(newJob(sendMailJob, { mailId: id }, { ownerId: null }))
    },
    enqueue(definition, payload, options) {
      const job = newJob(definition, payload, options)
      jobs.push(job)
      return job.id
    },
    invalidate(...tags) {
      for (const tag of tags) announcements.push({ topic: CACHE_TOPIC, payload: tag })
    },
    invalidateEventually(...tags) {
      for (const tag of tags) wakeUps.push({ topic: CACHE_TOPIC, payload: tag })
    },
    announce: (topic, payload) => void announcements.push({ topic, payload }),
    wake: (topic, payload) => void wakeUps.push({ topic, payload }),
    refreshCookie(given) {
      cookie = given
    },
  }
}

/**
 * Writes what was collected. Audit rows, events and what the other processes must hear are one statement that leaves
 * with COMMIT, whatever stands behind it: events lock their stream, and the shorter that lasts the better. What they
 * need not hear is left to {@link announceChange}: a transaction that notifies nobody commits beside others.
 * A job that names nothing leaves no audit row: the call that queued it has one.
 */
export async function writeChange(
  runtime: Runtime,
  change: CollectedChange,
  trail: AuditTrail,
): Promise<void> {
  if (change.mails.length > 0) await insertMails(change.db, change.mails)
  if (change.jobs.length > 0) {
    await runtime.jobs.enqueue(change.db, change.jobs, {
      ownerId: trail.actor?.userId ?? null,
      traceId: trail.request.traceId,
    })
  }
  const isAudited = change.audits.length > 0 || trail.request.surface !== 'job'
  const notifications = runtime.bus.notifications(change.announcements)
  if (!isAudited && change.events.length === 0 && notifications.length === 0) return
  const { streams, events } = eventValues(change.events)
  const audits = isAudited ? auditRows(trail, change.audits) : '[]'
  runAtCommit(change.db, {
    name: 'plinth_change',
    text: RECORD,
    values: [audits, streams, events, JSON.stringify(notifications)],
  })
}

/** One statement, whatever was collected: it is prepared once for each connection. Without messages nobody is notified. */
const RECORD = `WITH ${auditingSql('$1')}, ${appendingSql('$2', '$3')}
  SELECT pg_notify('plinth', text) FROM json_array_elements_text($4::json) AS text`

/**
 * Tells this process of a change that was committed, and has the others told of what is waiting for them; what they must
 * hear they were told with the commit.
 */
export function announceChange({ bus }: Runtime, change: CollectedRecord): void {
  const wakeUps = wakeUpsOf(change)
  for (const { topic, payload } of [...change.announcements, ...wakeUps]) bus.publish(topic, payload)
  bus.tell(wakeUps)
}

/** What is said of this change to those who would find it by themselves, only later. */
function wakeUpsOf({ wakeUps, jobs, events }: CollectedRecord): BusMessage[] {
  const queues = new Set(jobs.map((job) => job.definition.name))
  const streams = new Set(events.map((event) => event.stream))
  return [
    ...wakeUps,
    ...[...queues].map((queue) => ({ topic: JOBS_TOPIC, payload: queue })),
    ...[...streams].map((stream) => ({ topic: streamTopic(stream), payload: '' })),
  ]
}
