import { type Database, query } from '../../platform/database/index.ts'
import { BATCH, type StoredEvent, type StreamView } from '../../platform/events/stream-source.ts'
import { sqlValues } from '../../platform/pagination/sql-values.ts'
import { notificationStream } from './notification-events.ts'

type Row =
  | { kind: 'head' | 'reader'; id: string; type: null; data: null }
  | { kind: 'event'; id: string; type: string; data: unknown }

/** The notifications of `userId` after the event `after`, and whether that account still lives, in one statement. */
export async function lookAtNotifications(
  database: Pick<Database, 'pool'>,
  userId: string,
  after: bigint | undefined,
): Promise<StreamView> {
  const values = sqlValues()
  const stream = values.bind(notificationStream(userId), 'text')
  const from = values.bind(after === undefined ? null : after.toString(), 'bigint')
  const reader = `SELECT u.id::text AS id FROM users u
    WHERE u.id = ${values.bind(userId, 'uuid')} AND u.deleted_at IS NULL AND u.suspended_at IS NULL`
  const text = `
    SELECT 'head' AS kind, coalesce(max(s.last_id), 0)::text AS id, NULL::text AS type, NULL::jsonb AS data
    FROM event_streams s WHERE s.name = ${stream}
    UNION ALL SELECT 'reader', reader.id, NULL, NULL FROM (${reader}) reader
    UNION ALL (
      SELECT 'event', e.id::text, e.type, e.data FROM events e
      WHERE e.stream = ${stream} AND e.id > ${from} AND EXISTS (${reader})
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
