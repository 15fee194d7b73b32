import type { Database } from '../../platform/database/index.ts'
import { createAuditRouter } from './audit.router.ts'
import { createAuditService } from './audit.service.ts'

/** Builds the audit module. */
export function createAudit(deps: { readonly database: Database }) {
  return { router: createAuditRouter(createAuditService(deps)) }
}

/** The audit module as the composition root holds it. */
export type Audit = ReturnType<typeof createAudit>
