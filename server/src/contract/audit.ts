import { type Database, query } from '../platform/database/index.ts'
import { newId } from '../platform/ids.ts'
import type { Logger } from '../platform/logger.ts'
import type { SqlValues } from '../platform/pagination/sql-values.ts'
import type { RequestContext } from '../platform/request-context.ts'
import { type Actor, actorVia } from './actor.ts'
import type { AuditEntry } from './unit-of-work.ts'

/** Who, from where and what, for all audit rows of one call. */
export interface AuditTrail {
  readonly actor: Actor | null
  readonly action: string
  readonly request: RequestContext
}

const COLUMNS = 'id, actor_id, actor_via, surface, action, target_type, target_id, changes, trace_id, ip'

/** {@link auditingSql} for one row of plain values, which is inserted if the CTE `written` has rows. */
export function auditingIfWrittenSql(
  values: SqlValues,
  trail: AuditTrail,
  entry: AuditEntry | undefined,
): string {
  const row = rowOf(trail, entry)
  const changes = row.changes === undefined ? null : JSON.stringify(row.changes)
  return `audited AS (
    INSERT INTO audit_events (${COLUMNS})
    SELECT ${values.bind(row.id, 'uuid')}, ${values.bind(row.actor_id, 'uuid')}, ${values.bind(row.actor_via, 'text')},
      ${values.bind(row.surface, 'text')}, ${values.bind(row.action, 'text')},
      ${values.bind(row.target_type, 'text')}, ${values.bind(row.target_id, 'text')},
      ${values.bind(changes, 'jsonb')}, ${values.bind(row.trace_id, 'text')}, ${values.bind(row.ip, 'text')}
    WHERE EXISTS (SELECT FROM written)
  )`
}

/** The CTE that inserts audit rows; `rows` says where {@link auditRows} are bound. */
export function auditingSql(rows: string): string {
  return `audited AS (
    INSERT INTO audit_events (${COLUMNS})
    SELECT ${COLUMNS}
    FROM json_to_recordset(${rows}::json) AS entry(id uuid, actor_id uuid, actor_via text, surface text,
      action text, target_type text, target_id text, changes jsonb, trace_id text, ip text)
    RETURNING id
  )`
}

/** The audit rows of a call, as JSON; a call that named no target still leaves a row. */
export function auditRows(trail: AuditTrail, entries: readonly AuditEntry[]): string {
  const named = entries.length === 0 ? [undefined] : entries
  return JSON.stringify(named.map((entry) => rowOf(trail, entry)))
}

const AUDIT = `WITH ${auditingSql('$1')} SELECT FROM audited`

/** Writes audit rows by themselves, for calls that change nothing. */
export async function writeAudit(
  database: Pick<Database, 'pool'>,
  trail: AuditTrail,
  entries: readonly AuditEntry[],
): Promise<void> {
  await query(database, { name: 'plinth_audit', text: AUDIT, values: [auditRows(trail, entries)] })
}

function rowOf({ actor, action, request }: AuditTrail, entry: AuditEntry | undefined) {
  return {
    id: newId(),
    actor_id: actor?.userId,
    actor_via: actorVia(actor),
    surface: request.surface,
    action: entry?.action ?? action,
    target_type: entry?.targetType,
    target_id: entry?.targetId,
    changes: changesOf(entry, actor),
    trace_id: request.traceId,
    ip: request.ip,
  }
}

/**
 * Writes what was committed to the log as well, where it can be watched, and kept out of the reach of whoever owns the
 * database. Without the changes: those can be long.
 */
export function logAudit(
  logger: Pick<Logger, 'info'>,
  { actor, action, request }: AuditTrail,
  entries: readonly AuditEntry[],
): void {
  for (const { action: special, targetType, targetId } of entries) {
    logger.info('audit', {
      action: special ?? action,
      actor: actor?.userId,
      via: actorVia(actor),
      targetType,
      target: targetId,
      surface: request.surface,
      ip: request.ip,
    })
  }
}

function changesOf(entry: AuditEntry | undefined, actor: Actor | null): AuditEntry['changes'] {
  return actor?.bypass === undefined ? entry?.changes : { ...entry?.changes, bypass: actor.bypass }
}
