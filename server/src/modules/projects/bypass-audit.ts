import type { Actor } from '../../contract/actor.ts'
import { writeAudit } from '../../contract/audit.ts'
import type { Database } from '../../platform/database/index.ts'
import { currentContext, newTraceId } from '../../platform/request-context.ts'

/** What was read. */
interface ReadTarget {
  readonly action: string
  readonly targetType: string
  readonly targetId: string
}

/**
 * Writes the audit row of a read that stepped over membership; does nothing for everybody else. Call it before the
 * rows leave. Mutations are audited by the pipeline.
 */
export async function auditBypassedRead(
  database: Pick<Database, 'pool'>,
  actor: Actor,
  { action, targetType, targetId }: ReadTarget,
): Promise<void> {
  if (actor.bypass === undefined) return
  const request = currentContext() ?? {
    traceId: newTraceId(),
    surface: 'system',
    ip: undefined,
    userAgent: undefined,
    roundTrips: 0,
  }
  await writeAudit(database, { actor, action, request }, [{ targetType, targetId }])
}
