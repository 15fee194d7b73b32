import { type NamedQuery, queryIn } from '../platform/database/index.ts'
import { appendingIfWrittenSql } from '../platform/events/event-log.ts'
import { type AuditTrail, auditingIfWrittenSql } from './audit.ts'
import type { CollectedRecord } from './change.ts'
import type { Change, ChangeRecord, StatementChange } from './unit-of-work.ts'

/** Whether all of a change fits into one statement. */
export function isOneStatement(
  { afterwards }: Pick<StatementChange<unknown>, 'afterwards'>,
  { audits, events, mails, jobs, announcements }: CollectedRecord,
): boolean {
  const isMore = mails.length > 0 || jobs.length > 0 || announcements.length > 0
  return afterwards === undefined && !isMore && audits.length <= 1 && events.length <= 1
}

/**
 * The one statement: it answers with a row when it wrote, and writes neither audit row nor event when it did not. Being
 * a transaction by itself it needs no BEGIN and no COMMIT. Of `tasks.create` PostgreSQL's processor time went from 440 to
 * 280 µs, and that of talking to it from 145 to 70 µs.
 */
export function wholeStatement(
  { values, text }: Pick<StatementChange<unknown>, 'values' | 'text'>,
  { audits: [entry], events: [event] }: CollectedRecord,
  trail: AuditTrail,
): NamedQuery {
  const parts = [`written AS (${text})`, auditingIfWrittenSql(values, trail, entry)]
  if (event !== undefined) parts.push(appendingIfWrittenSql(values, event))
  return values.statement(`WITH ${parts.join(', ')} SELECT FROM written`)
}

/** The same change as the work of a transaction of several statements. */
export function inTransaction<Answer>(
  plan: (record: ChangeRecord) => StatementChange<Answer>,
): (change: Change) => Promise<Answer> {
  return async (change) => {
    const { values, text, answer, refusal, afterwards } = plan(change)
    const written = await queryIn(change.db, values.statement(text))
    if (written.length === 0) throw await refusal(change.db)
    await afterwards?.(change)
    return answer
  }
}
