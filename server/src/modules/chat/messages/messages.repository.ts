import { type Database, query } from '../../../platform/database/index.ts'
import type { Moment } from '../../../platform/pagination/moments.ts'
import { sqlValues } from '../../../platform/pagination/sql-values.ts'
import type { Citation, Message } from '../chat.schema.ts'
import type { NewestFirst } from '../threads/threads.repository.ts'

/** A message's columns, as they are read. */
export interface MessageRow {
  readonly id: string
  readonly threadId: string
  readonly role: Message['role']
  readonly state: Message['state']
  readonly answersId: string | null
  readonly text: string
  readonly citations: readonly Citation[]
  readonly model: string | null
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly cost: string | null
  readonly errorCode: string | null
  readonly error: string | null
  readonly traceId: string | null
  readonly createdAt: Moment
  readonly endedAt: Moment | null
}

const COLUMNS = `m.id, m.thread_id AS "threadId", m.role, m.state, m.answers_id AS "answersId", m.text, m.citations,
  m.model_id AS model, m.input_tokens AS "inputTokens", m.output_tokens AS "outputTokens", m.cost::text AS cost,
  m.error_code AS "errorCode", m.error, m.trace_id AS "traceId", m.created_at AS "createdAt", m.ended_at AS "endedAt"`

/** The messages of the user's thread, newest first, or null when there is no such thread. One round trip. */
export async function listMessages(
  database: Pick<Database, 'pool'>,
  userId: string,
  threadId: string,
  { take, skip, before }: NewestFirst,
  counted: boolean,
): Promise<{ rows: MessageRow[]; total: number | undefined } | null> {
  const values = sqlValues()
  const thread = `SELECT t.id FROM threads t
    WHERE t.id = ${values.bind(threadId, 'uuid')} AND t.user_id = ${values.bind(userId, 'uuid')}`
  const place = before === undefined ? '' : `AND m.id < ${values.bind(before, 'uuid')}`
  const total = counted ? '(SELECT count(*)::int FROM messages m WHERE m.thread_id = thread.id)' : 'NULL::int'
  const text = `SELECT ${total} AS total, page.* FROM (${thread}) thread LEFT JOIN LATERAL (
      SELECT ${COLUMNS} FROM messages m WHERE m.thread_id = thread.id ${place}
      ORDER BY m.id DESC LIMIT ${values.bind(take, 'int')} OFFSET ${values.bind(skip, 'int')}
    ) page ON true ORDER BY page.id DESC`
  const rows = await query<(MessageRow | { id: null }) & { total: number | null }>(
    database,
    values.statement(text),
  )
  const [first] = rows
  if (first === undefined) return null
  return { rows: rows.filter((row) => row.id !== null), total: first.total ?? undefined }
}
