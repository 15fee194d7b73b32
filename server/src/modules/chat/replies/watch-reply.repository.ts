import { type Database, query } from '../../../platform/database/index.ts'
import { type LookRow, viewOf } from '../../../platform/events/look-rows.ts'
import { BATCH, type StreamView } from '../../../platform/events/stream-source.ts'
import { sqlValues } from '../../../platform/pagination/sql-values.ts'
import type { MessageRow } from '../messages/messages.repository.ts'
import { replyStream } from './reply-events.ts'

/** A reply as a follower finds it. */
export interface FoundReply
  extends Pick<
    MessageRow,
    | 'state'
    | 'text'
    | 'citations'
    | 'inputTokens'
    | 'outputTokens'
    | 'cost'
    | 'errorCode'
    | 'error'
    | 'traceId'
  > {
  readonly finishReason: string | null
  readonly revision: string
}

type FoundRow = FoundReply & { readonly events: readonly { id: string; type: string; data: unknown }[] }

/** The reply `id`, if it is the user's, with what is kept of its events after `after`; or null. One round trip. */
export async function findReply(
  database: Pick<Database, 'pool'>,
  userId: string,
  id: string,
  after: bigint,
): Promise<{ readonly reply: FoundReply; readonly view: StreamView } | null> {
  const values = sqlValues()
  const reply = values.bind(id, 'uuid')
  const stream = values.bind(replyStream(id), 'text')
  const from = values.bind(after.toString(), 'bigint')
  const text = `SELECT m.state, m.text, m.citations, m.input_tokens AS "inputTokens",
      m.output_tokens AS "outputTokens", m.cost::text AS cost, m.error_code AS "errorCode", m.error,
      m.trace_id AS "traceId", m.finish_reason AS "finishReason", m.revision::text AS revision,
      ARRAY(SELECT json_build_object('id', e.id::text, 'type', e.type, 'data', e.data) FROM events e
        WHERE e.stream = ${stream} AND e.id > ${from} ORDER BY e.id LIMIT ${BATCH}) AS events
    FROM messages m JOIN threads t ON t.id = m.thread_id JOIN users u ON u.id = t.user_id
    WHERE m.id = ${reply} AND m.role = 'assistant' AND u.id = ${values.bind(userId, 'uuid')}
      AND u.deleted_at IS NULL`
  const [row] = await query<FoundRow & Record<string, unknown>>(database, values.statement(text))
  if (row === undefined) return null
  const { events, ...found } = row
  const view: StreamView = {
    audience: new Set([userId]),
    head: BigInt(found.revision),
    events: events.map(({ id: nth, type, data }) => ({ id: BigInt(nth), type, data })),
    over: found.state !== 'queued' && found.state !== 'streaming',
  }
  return { reply: found, view }
}

const LOOK = `
  WITH seen AS (
    SELECT m.revision, m.state, t.user_id FROM messages m JOIN threads t ON t.id = m.thread_id
    WHERE m.id = $1::uuid AND m.role = 'assistant'
  ), readers AS (
    SELECT u.id::text AS reader FROM seen JOIN users u ON u.id = seen.user_id
    WHERE u.id = ANY($4::uuid[]) AND u.deleted_at IS NULL
  )
  SELECT 'head' AS kind, revision::text AS id, NULL::text AS type,
    jsonb_build_object('over', state NOT IN ('queued', 'streaming')) AS data FROM seen
  UNION ALL SELECT 'reader', reader, NULL, NULL FROM readers
  UNION ALL (
    SELECT 'event', e.id::text, e.type, e.data FROM events e
    WHERE e.stream = $2 AND e.id > $3::bigint AND EXISTS (SELECT FROM readers)
    ORDER BY e.id LIMIT ${BATCH})`

/** What was written of a reply after the event `after`, whether that was all, and who of the readers may see it. */
export async function lookAtReply(
  database: Pick<Database, 'pool'>,
  id: string,
  after: bigint | undefined,
  readers: readonly string[],
): Promise<StreamView> {
  const values = [id, replyStream(id), after?.toString() ?? null, readers]
  const rows = await query<LookRow>(database, { name: 'chat.look', text: LOOK, values })
  return viewOf(rows)
}
