import { type Database, type Db, query, type Tx } from '../../../platform/database/index.ts'
import type { AlongsideUsage } from '../../models/index.ts'
import type { Citation, Message } from '../chat.schema.ts'
import type { PastMessage } from '../prompt/turns.ts'
import { type KeptEvent, replyStream } from './reply-events.ts'

/** So much of a conversation is looked at for a prompt. */
const MOST_PAST_MESSAGES = 60

/** A reply to be written, with the message it answers. */
export interface NewReply {
  readonly id: string
  readonly threadId: string
  readonly userId: string
  /** Whether a thread with sources will do. */
  readonly maySources: boolean
  /** The message it answers: that is written too where a text is given. */
  readonly question: { readonly id: string; readonly text?: string; readonly title?: string }
  readonly modelId: string | null
  readonly jobId: string
  readonly traceId: string
  readonly now: Date
}

/**
 * Writes a reply and what it answers, and notes in the thread that something was said; with a title if it has none yet.
 * One statement, which locks the thread until commit. False, and nothing is written, when the thread is not the user's,
 * has sources that they may not use, or has a reply under way.
 * @throws a unique violation when one was begun while this waited for the lock: its look is from before
 */
export async function insertReply(db: Tx, reply: NewReply): Promise<boolean> {
  const { question, now } = reply
  const inserted = await db.$executeRaw`
    WITH thread AS (
      UPDATE threads t SET updated_at = ${now}::timestamptz,
        title = CASE WHEN t.title = '' THEN coalesce(${question.title ?? null}::text, '') ELSE t.title END
      WHERE t.id = ${reply.threadId}::uuid AND t.user_id = ${reply.userId}::uuid
        AND NOT EXISTS (
          SELECT FROM messages m WHERE m.thread_id = t.id AND m.state IN ('queued', 'streaming'))
        AND (${reply.maySources}::boolean
          OR NOT EXISTS (SELECT FROM thread_knowledge_bases b WHERE b.thread_id = t.id))
      RETURNING t.id
    ), given AS (
      SELECT thread.id AS thread_id, ${question.id}::uuid AS question_id, ${question.text ?? null}::text AS question,
        ${reply.traceId}::text AS trace_id, ${now}::timestamptz AS now FROM thread
    ), asked AS (
      INSERT INTO messages (id, thread_id, role, state, text, trace_id, created_at, ended_at)
      SELECT question_id, thread_id, 'user', 'done', question, trace_id, now, now FROM given
      WHERE question IS NOT NULL
    )
    INSERT INTO messages (id, thread_id, role, state, text, answers_id, model_id, job_id, trace_id, created_at)
    SELECT ${reply.id}::uuid, thread_id, 'assistant', 'queued', '', question_id, ${reply.modelId}::text,
      ${reply.jobId}::uuid, trace_id, now FROM given`
  return inserted === 1
}

/** Whether the user's thread has sources; null when it is not theirs. */
export async function findSources(
  db: Tx,
  userId: string,
  threadId: string,
): Promise<{ hasSources: boolean } | null> {
  const rows = await db.$queryRaw<{ hasSources: boolean }[]>`
    SELECT EXISTS (SELECT FROM thread_knowledge_bases b WHERE b.thread_id = t.id) AS "hasSources"
    FROM threads t WHERE t.id = ${threadId}::uuid AND t.user_id = ${userId}::uuid`
  return rows[0] ?? null
}

/** A reply, locked until commit. */
export interface LockedReply {
  readonly id: string
  readonly threadId: string
  readonly answersId: string | null
  readonly userId: string
  readonly state: Message['state']
  readonly text: string
  readonly revision: bigint
  readonly usageId: string | null
  readonly modelId: string | null
  readonly jobId: string | null
  readonly traceId: string | null
  readonly stopRequestedAt: Date | null
}

/** The reply `id`, of `userId` where that is given, locked until commit; null when there is none. */
export async function lockReply(db: Tx, id: string, userId?: string): Promise<LockedReply | null> {
  const rows = await db.$queryRaw<LockedReply[]>`
    SELECT m.id, m.thread_id AS "threadId", m.answers_id AS "answersId", t.user_id AS "userId", m.state::text AS state,
      m.text, m.revision, m.usage_id AS "usageId", m.model_id AS "modelId", m.job_id AS "jobId",
      m.trace_id AS "traceId", m.stop_requested_at AS "stopRequestedAt"
    FROM messages m JOIN threads t ON t.id = m.thread_id
    WHERE m.id = ${id}::uuid AND m.role = 'assistant' AND (${userId ?? null}::uuid IS NULL OR t.user_id = ${userId ?? null}::uuid)
    FOR NO KEY UPDATE OF m`
  return rows[0] ?? null
}

/** Asks whoever writes the reply to stop. */
export async function requestStop(db: Db, id: string, now: Date): Promise<void> {
  await db.message.update({ where: { id }, data: { stopRequestedAt: now }, select: { id: true } })
}

/** What a reply is written from. */
export interface ReplyTask {
  readonly state: Message['state']
  readonly revision: string
  readonly threadId: string
  readonly modelId: string | null
  readonly traceId: string | null
  readonly question: string
  readonly knowledgeBaseIds: string[]
  /** What was said before the question, oldest first. */
  readonly past: PastMessage[]
}

const TASK = `SELECT m.state, m.revision::text AS revision, m.thread_id AS "threadId", m.model_id AS "modelId",
    m.trace_id AS "traceId", q.text AS question,
    ARRAY(SELECT b.knowledge_base_id::text FROM thread_knowledge_bases b WHERE b.thread_id = m.thread_id)
      AS "knowledgeBaseIds",
    coalesce((SELECT json_agg(p ORDER BY p.id) FROM (
      SELECT id, role, state, text, answers_id AS "answersId" FROM messages
      WHERE thread_id = m.thread_id AND id < q.id ORDER BY id DESC LIMIT ${MOST_PAST_MESSAGES}) p), '[]') AS past
  FROM messages m JOIN messages q ON q.id = m.answers_id WHERE m.id = $1::uuid`

/** What the reply `id` is written from; null when it is gone. One round trip. */
export async function findTask(database: Pick<Database, 'pool'>, id: string): Promise<ReplyTask | null> {
  const rows = await query<ReplyTask & Record<string, unknown>>(database, {
    name: 'chat.task',
    text: TASK,
    values: [id],
  })
  return rows[0] ?? null
}

/**
 * Notes that the reply is being written and by which call, together with the call's room in the budget. Changes nothing
 * when it was stopped or begun by another attempt.
 */
export function beginWriting(replyId: string): AlongsideUsage {
  return (values, usage) => `UPDATE messages m SET state = 'streaming', usage_id = ${usage}.id FROM ${usage}
    WHERE m.id = ${values.bind(replyId, 'uuid')} AND m.state = 'queued'`
}

/** How a reply ended. */
export interface ReplyEnd {
  readonly id: string
  /** The last event that was written before. */
  readonly revision: bigint
  readonly state: Exclude<Message['state'], 'queued' | 'streaming'>
  readonly finishReason: string | null
  readonly bill:
    | { readonly inputTokens: number; readonly outputTokens: number; readonly cost: string }
    | undefined
  readonly error: { readonly code: string; readonly message: string } | undefined
  readonly events: readonly KeptEvent[]
  readonly now: Date
}

/**
 * Ends a reply that is under way, together with its last events: one statement. False when somebody else wrote to it
 * since `revision`.
 */
export async function endReply(db: Db, end: ReplyEnd): Promise<boolean> {
  const { id, revision, state, bill, error, events, now } = end
  const types = events.map(({ type }) => type)
  const data = events.map((event) => JSON.stringify(event.data))
  const rows = await db.$queryRaw<{ id: string }[]>`
    WITH ended AS (
      UPDATE messages SET state = ${state}::message_state, revision = revision + ${events.length}::int,
        finish_reason = ${end.finishReason}, input_tokens = ${bill?.inputTokens ?? null}::int,
        output_tokens = ${bill?.outputTokens ?? null}::int, cost = ${bill?.cost ?? null}::numeric,
        error_code = ${error?.code ?? null}, error = ${error?.message ?? null}, ended_at = ${now}
      WHERE id = ${id}::uuid AND revision = ${revision}::bigint AND state IN ('queued', 'streaming')
      RETURNING id, revision - ${events.length}::int AS known
    ), told AS (
      INSERT INTO events (stream, id, type, data)
      SELECT ${replyStream(id)}, ended.known + item.nth, item.type, item.data::jsonb
      FROM ended, unnest(${types}::text[], ${data}::text[]) WITH ORDINALITY AS item(type, data, nth)
    )
    SELECT id FROM ended`
  return rows.length === 1
}

const HALTED = `SELECT given.id::text AS id,
    coalesce(m.stop_requested_at IS NULL AND m.state IN ('queued', 'streaming'), false) AS "lockedOut"
  FROM unnest($1::uuid[]) AS given(id)
  LEFT JOIN messages m ON m.id = given.id
  LEFT JOIN threads t ON t.id = m.thread_id
  LEFT JOIN users u ON u.id = t.user_id AND u.suspended_at IS NULL AND u.deleted_at IS NULL
  WHERE m.id IS NULL OR m.stop_requested_at IS NOT NULL OR m.state NOT IN ('queued', 'streaming') OR u.id IS NULL`

/** A reply that is to be written no further. */
export interface HaltedReply {
  readonly id: string
  /** Only because its user was suspended or deleted; nobody asked for it to stop. */
  readonly lockedOut: boolean
}

/** Those of these replies that are to be written no further. One round trip. */
export async function haltedAmong(
  database: Pick<Database, 'pool'>,
  ids: readonly string[],
): Promise<HaltedReply[]> {
  type Row = HaltedReply & Record<string, unknown>
  return await query<Row>(database, { name: 'chat.halted', text: HALTED, values: [ids] })
}

const LEFT_BEHIND = `SELECT m.id::text AS id FROM messages m LEFT JOIN jobs j ON j.id = m.job_id
  WHERE m.state IN ('queued', 'streaming') AND (j.id IS NULL OR j.state NOT IN ('queued', 'running'))
  ORDER BY m.id LIMIT $1`

/** Replies under way whose job has ended without them. */
export async function leftBehind(database: Pick<Database, 'pool'>, limit: number): Promise<string[]> {
  const rows = await query<{ id: string }>(database, {
    name: 'chat.left',
    text: LEFT_BEHIND,
    values: [limit],
  })
  return rows.map(({ id }) => id)
}

/** What a flush writes of one reply. */
export interface ReplyFlush {
  readonly id: string
  /** The last event that was written before. */
  readonly revision: bigint
  readonly text: string
  readonly citations: readonly Citation[]
  readonly events: readonly KeptEvent[]
}

const FLUSH = `WITH given AS (
    SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::int[])
      AS g(id, known, text, citations, count)
  ), kept AS (
    UPDATE messages m SET text = m.text || g.text, citations = m.citations || g.citations::jsonb,
      revision = m.revision + g.count
    FROM given g WHERE m.id = g.id AND m.state = 'streaming' AND m.revision = g.known
    RETURNING m.id, m.thread_id, g.known, m.stop_requested_at IS NOT NULL AS stopped
  ), told AS (
    INSERT INTO events (stream, id, type, data)
    SELECT 'reply:' || k.id, k.known + e.nth, e.type, e.data::jsonb
    FROM kept k JOIN unnest($6::uuid[], $7::int[], $8::text[], $9::text[]) AS e(id, nth, type, data) ON e.id = k.id
  )
  SELECT k.id::text AS id, k.stopped, u.id::text AS reader FROM kept k JOIN threads t ON t.id = k.thread_id
    LEFT JOIN users u ON u.id = t.user_id AND u.deleted_at IS NULL`

/** How a reply was found that a flush wrote. */
export interface FlushedReply {
  /** Somebody asked for it to stop. */
  readonly stopped: boolean
  /** Who may see it; null when they are gone. */
  readonly reader: string | null
}

/**
 * Writes what has come of some replies: texts and events in one statement, so that a text is always what its events
 * add up to. Those that were written, by id: a reply that somebody else wrote to since its `revision` is not.
 */
export async function flushReplies(
  database: Pick<Database, 'pool'>,
  flushes: readonly ReplyFlush[],
): Promise<Map<string, FlushedReply>> {
  const events = flushes.flatMap(({ id, events: list }) =>
    list.map((event, index) => ({ id, nth: index + 1, ...event })),
  )
  const values = [
    flushes.map(({ id }) => id),
    flushes.map(({ revision }) => revision.toString()),
    flushes.map(({ text }) => text),
    flushes.map(({ citations }) => JSON.stringify(citations)),
    flushes.map(({ events: list }) => list.length),
    events.map(({ id }) => id),
    events.map(({ nth }) => nth),
    events.map(({ type }) => type),
    events.map(({ data }) => JSON.stringify(data)),
  ]
  const rows = await query<FlushedReply & { id: string }>(database, {
    name: 'chat.flush',
    text: FLUSH,
    values,
  })
  return new Map(rows.map((row) => [row.id, row]))
}

/** How far these replies are that are still being written. */
export async function revisionsOf(
  database: Pick<Database, 'pool'>,
  ids: readonly string[],
): Promise<Map<string, bigint>> {
  const rows = await query<{ id: string; revision: string }>(database, {
    name: 'chat.revisions',
    text: `SELECT id::text AS id, revision::text AS revision FROM messages WHERE id = ANY($1::uuid[]) AND state = 'streaming'`,
    values: [ids],
  })
  return new Map(rows.map(({ id, revision }) => [id, BigInt(revision)]))
}
