import { query, router } from '../../contract/procedure.ts'
import { AuditListInput, AuditListOutput } from './audit.schema.ts'
import type { AuditService } from './audit.service.ts'

/** `audit.*`. */
export const createAuditRouter = (audit: AuditService) =>
  router({
    list: query({
      summary: 'List who did what to what, newest first.',
      description: 'Every change leaves a row, and so does every failed log-in. Rows stay for good.',
      policy: { access: { who: 'admin' }, scope: 'audit:read', limit: 'read' },
      input: AuditListInput,
      output: AuditListOutput,
      run: ({ input }) => audit.list({ input }),
    }),
  })
