import type { z } from 'zod'
import { sliceOf } from '../../contract/page-request.ts'
import type { Database } from '../../platform/database/index.ts'
import { type CursorScope, encodeCursor } from '../../platform/pagination/cursor.ts'
import { isoOf } from '../../platform/pagination/moments.ts'
import { type Page, pageOf } from '../../platform/pagination/page.ts'
import { type AuditRow, listAuditEvents } from './audit.repository.ts'
import type { AuditEvent, AuditListInput } from './audit.schema.ts'

/** Reading the audit trail. Nothing here can change it. */
export interface AuditService {
  /** Newest first. @throws BAD_REQUEST (`cursor`, `page`) */
  list(call: { readonly input: z.output<typeof AuditListInput> }): Promise<Page<AuditEvent>>
}

/** Builds the {@link AuditService}. */
export function createAuditService({ database }: { readonly database: Database }): AuditService {
  return {
    async list({ input }) {
      const { limit, actorId, action, targetId, from, to } = input
      const filters = { actorId, action, targetId, from, to }
      const scope: CursorScope = { list: 'audit', keyType: 'timestamptz', filters }
      const { rows, total } = await listAuditEvents(database, filters, sliceOf(input, scope))
      return pageOf(rows, {
        limit,
        total,
        present,
        cursorOf: (row) => encodeCursor(scope, { key: isoOf(row.createdAt), id: row.id }),
      })
    },
  }
}

function present(row: AuditRow): AuditEvent {
  return {
    id: row.id,
    actorId: row.actorId,
    actorEmail: row.actorEmail,
    actorVia: row.actorVia,
    surface: row.surface,
    action: row.action,
    targetType: row.targetType,
    targetId: row.targetId,
    changes: row.changes,
    traceId: row.traceId,
    ip: row.ip,
    createdAt: isoOf(row.createdAt),
  }
}
