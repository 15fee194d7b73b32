import type { SweepRule } from './platform/database/index.ts'

/** What the collector of the files module then removes, bytes and row. */
const GOING = "state = 'deleting', due_at = now()"

/** How long rows are kept that only serve for a while. Audit rows stay. */
export const retention: readonly SweepRule[] = [
  { table: 'idempotency_keys', condition: 'expires_at < now()' },
  // A client that resumes from further back is told to read the list again.
  { table: 'events', condition: "created_at < now() - interval '7 days'" },
  { table: 'mail_messages', condition: "created_at < now() - interval '30 days'" },
  { table: 'notifications', condition: "created_at < now() - interval '90 days'" },
  { table: 'agent_runs', condition: "finished_at < now() - interval '90 days'" },
  { table: 'reports', condition: "created_at < now() - interval '90 days'" },
  {
    table: 'files',
    condition: "state = 'stored' AND purpose = 'report' AND created_at < now() - interval '90 days'",
    becomes: GOING,
  },
  // Nobody else could read them, and nobody can delete them any more.
  {
    table: 'files',
    condition: `state = 'stored' AND project_id IS NULL
      AND owner_id IN (SELECT id FROM users WHERE deleted_at < now() - interval '30 days')`,
    becomes: GOING,
  },
  {
    table: 'knowledge_bases',
    condition: `deleted_at IS NULL AND project_id IS NULL
      AND owner_id IN (SELECT id FROM users WHERE deleted_at < now() - interval '30 days')`,
    becomes: 'deleted_at = now()',
  },
  // A trigger gives a document's file up with its last version; this is for what nobody foresaw.
  {
    table: 'files',
    condition: `state = 'stored' AND purpose = 'document' AND created_at < now() - interval '1 day'
      AND NOT EXISTS (SELECT 1 FROM document_versions v WHERE v.file_id = files.id)`,
    becomes: GOING,
  },
  { table: 'jobs', condition: "finished_at < now() - interval '30 days'" },
  { table: 'account_tokens', condition: "expires_at < now() - interval '7 days'" },
  {
    table: 'sessions',
    condition: "least(revoked_at, expires_at) < now() - interval '30 days'",
  },
]
