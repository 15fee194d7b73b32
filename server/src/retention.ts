import type { SweepRule } from './platform/database/index.ts'

/** What the collector of the files module then removes, bytes and row. */
const GOING = "state = 'deleting', due_at = now()"

/** Users whose account was deleted so long ago that what was theirs alone goes. */
const LONG_GONE = "SELECT id FROM users WHERE deleted_at < now() - interval '30 days'"

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
    condition: `state = 'stored' AND project_id IS NULL AND owner_id IN (${LONG_GONE})`,
    becomes: GOING,
  },
  {
    table: 'knowledge_bases',
    condition: `deleted_at IS NULL AND project_id IS NULL AND owner_id IN (${LONG_GONE})`,
    becomes: 'deleted_at = now()',
  },
  // Before their threads, which would take any number of them along in one statement. Events of replies are gone by then.
  {
    table: 'messages',
    condition: `thread_id IN (SELECT id FROM threads WHERE user_id IN (${LONG_GONE}))`,
  },
  {
    table: 'threads',
    condition: `user_id IN (${LONG_GONE})
      AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.thread_id = threads.id)`,
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
