import { Prisma, type Tx } from '../platform/database/index.ts'
import { newId } from '../platform/ids.ts'
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

/**
 * Writes the audit rows of a call, and runs `then` in the same statement; a call that named no target still leaves a
 * row. Every change does this: as plain SQL it takes a fraction of the processor time.
 */
export async function writeAudit(
  db: Tx,
  trail: AuditTrail,
  entries: readonly AuditEntry[],
  then?: Prisma.Sql,
): Promise<void> {
  const rows = entries.length === 0 ? [undefined] : entries
  const insertion = Prisma.sql`
    INSERT INTO audit_events
      (id, actor_id, actor_via, surface, action, target_type, target_id, changes, trace_id, ip)
    VALUES ${Prisma.join(rows.map((entry) => rowOf(trail, entry)))}`
  await db.$executeRaw(then === undefined ? insertion : Prisma.sql`WITH audited AS (${insertion}) ${then}`)
}

function rowOf({ actor, action, request }: AuditTrail, entry: AuditEntry | undefined): Prisma.Sql {
  const changes = changesOf(entry, actor)
  return Prisma.sql`(${newId()}::uuid, ${actor?.userId ?? null}::uuid, ${actorVia(actor)}, ${request.surface},
    ${entry?.action ?? action}, ${entry?.targetType ?? null}, ${entry?.targetId ?? null},
    ${changes === undefined ? null : JSON.stringify(changes)}::jsonb, ${request.traceId}, ${request.ip ?? null})`
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
