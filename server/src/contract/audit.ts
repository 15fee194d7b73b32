import type { Tx } from '../platform/database/index.ts'
import type { Logger } from '../platform/logger.ts'
import type { RequestContext } from '../platform/request-context.ts'
import { type Actor, actorVia } from './actor.ts'
import type { AuditEntry } from './unit-of-work.ts'

/** Who, from where and what, for all audit rows of one call. */
export interface AuditTrail {
  readonly actor: Actor | null
  readonly action: string
  readonly request: RequestContext
}

/** Writes the audit rows of a call; a call that named no target still leaves a row. */
export async function writeAudit(db: Tx, trail: AuditTrail, entries: readonly AuditEntry[]): Promise<void> {
  const { actor, request } = trail
  const rows = entries.length === 0 ? [undefined] : entries
  await db.auditEvent.createMany({
    data: rows.map((entry) => ({
      actorId: actor?.userId ?? null,
      actorVia: actorVia(actor),
      surface: request.surface,
      action: entry?.action ?? trail.action,
      targetType: entry?.targetType ?? null,
      targetId: entry?.targetId ?? null,
      ...changesOf(entry, actor),
      traceId: request.traceId,
      ip: request.ip ?? null,
    })),
  })
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

function changesOf(entry: AuditEntry | undefined, actor: Actor | null): Pick<AuditEntry, 'changes'> {
  if (actor?.bypass !== undefined) return { changes: { ...entry?.changes, bypass: actor.bypass } }
  return entry?.changes === undefined ? {} : { changes: entry.changes }
}
