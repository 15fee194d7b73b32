import type { Actor } from '../../contract/actor.ts'
import { type Database, query } from '../../platform/database/index.ts'
import { BATCH, type StoredEvent, type StreamView } from '../../platform/events/stream-source.ts'
import { sqlValues } from '../../platform/pagination/sql-values.ts'
import { taskStream } from './task-events.ts'

const BYPASS = 'bypass:'

/** How {@link lookAtChanges} knows somebody: members by their id, super admins who said why they bypass by a mark. */
export function watcherOf(actor: Actor): string {
  return actor.bypass === undefined ? actor.userId : `${BYPASS}${actor.userId}`
}

type Row =
  | { kind: 'head' | 'reader'; id: string; type: null; data: null }
  | { kind: 'event'; id: string; type: string; data: unknown }

/**
 * The changes of a project's tasks after the event `after` (none when undefined), the stream's last id, and who of the
 * watchers may see them: one statement, so that nobody gets an event that was committed after they were removed.
 */
export async function lookAtChanges(
  database: Pick<Database, 'pool'>,
  projectId: string,
  after: bigint | undefined,
  watchers: readonly string[],
): Promise<StreamView> {
  const bypassing = watchers.filter((watcher) => watcher.startsWith(BYPASS))
  const members = watchers.filter((watcher) => !watcher.startsWith(BYPASS))
  const values = sqlValues()
  const project = values.bind(projectId, 'uuid')
  const stream = values.bind(taskStream(projectId), 'text')
  const from = values.bind(after === undefined ? null : after.toString(), 'bigint')
  const text = `
    WITH live AS (SELECT p.id FROM projects p WHERE p.id = ${project} AND p.deleted_at IS NULL),
    readers AS (
      SELECT m.user_id::text AS watcher FROM live JOIN project_members m ON m.project_id = live.id
      WHERE m.user_id = ANY(${values.bind(members, 'uuid[]')})
      UNION ALL SELECT b.watcher FROM live CROSS JOIN unnest(${values.bind(bypassing, 'text[]')}) AS b(watcher)
    )
    SELECT 'head' AS kind, coalesce(max(s.last_id), 0)::text AS id, NULL::text AS type, NULL::jsonb AS data
    FROM event_streams s WHERE s.name = ${stream}
    UNION ALL SELECT 'reader', r.watcher, NULL, NULL FROM readers r
    UNION ALL (
      SELECT 'event', e.id::text, e.type, e.data FROM events e
      WHERE e.stream = ${stream} AND e.id > ${from} AND EXISTS (SELECT FROM readers)
      ORDER BY e.id LIMIT ${values.bind(BATCH, 'int')})`
  const rows = await query<Row>(database, values.statement(text))
  const events: StoredEvent[] = []
  const audience = new Set<string>()
  let head = 0n
  for (const row of rows) {
    if (row.kind === 'event') events.push({ id: BigInt(row.id), type: row.type, data: row.data })
    else if (row.kind === 'reader') audience.add(row.id)
    else head = BigInt(row.id)
  }
  events.sort((a, b) => (a.id < b.id ? -1 : 1))
  return { audience, head, events }
}
