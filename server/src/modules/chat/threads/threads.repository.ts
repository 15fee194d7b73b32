import type { Actor } from '../../../contract/actor.ts'
import {
  type Database,
  type Db,
  gathered,
  pipelinedQuery,
  query,
  type Tx,
} from '../../../platform/database/index.ts'
import type { Moment } from '../../../platform/pagination/moments.ts'
import { perId, sqlValues } from '../../../platform/pagination/sql-values.ts'
import { mayUseBase } from '../../knowledge/index.ts'

/** A thread's columns, as they are read. */
export interface ThreadRow {
  readonly id: string
  readonly title: string
  readonly model: string | null
  readonly knowledgeBaseIds: string[]
  readonly replyUnderWay: string | null
  readonly createdAt: Moment
  readonly updatedAt: Moment
}

const COLUMNS = `t.id, t.title, t.model_id AS model, t.created_at AS "createdAt", t.updated_at AS "updatedAt",
  ARRAY(SELECT b.knowledge_base_id::text FROM thread_knowledge_bases b WHERE b.thread_id = t.id ORDER BY 1)
    AS "knowledgeBaseIds",
  (SELECT m.id FROM messages m WHERE m.thread_id = t.id AND m.state IN ('queued', 'streaming')) AS "replyUnderWay"`

/** The thread `id`, if it is the actor's, or null. One round trip for all that a batch asks for. */
export const findThread = gathered(async (database, actor: Actor, ids) => {
  const values = sqlValues()
  const user = values.bind(actor.userId, 'uuid')
  const text = perId(
    values,
    ids,
    (id) => `SELECT ${COLUMNS} FROM threads t WHERE t.id = ${id} AND t.user_id = ${user}`,
  )
  return await pipelinedQuery<ThreadRow & Record<string, unknown>>(database, values.statement(text))
})

/** Which part of a list that is read by ids: what comes before one, or rows counted from the newest. */
export interface NewestFirst {
  readonly take: number
  readonly skip: number
  readonly before: string | undefined
}

/** The user's threads, newest first, and how many there are when they are read by page. One round trip. */
export async function listThreads(
  database: Pick<Database, 'pool'>,
  userId: string,
  { take, skip, before }: NewestFirst,
  counted: boolean,
): Promise<{ rows: ThreadRow[]; total: number | undefined }> {
  const values = sqlValues()
  const user = values.bind(userId, 'uuid')
  const place = before === undefined ? '' : `AND t.id < ${values.bind(before, 'uuid')}`
  const total = counted ? `(SELECT count(*)::int FROM threads WHERE user_id = ${user})` : 'NULL::int'
  const text = `SELECT ${total} AS total, page.* FROM (SELECT 1) one LEFT JOIN LATERAL (
      SELECT ${COLUMNS} FROM threads t WHERE t.user_id = ${user} ${place}
      ORDER BY t.id DESC LIMIT ${values.bind(take, 'int')} OFFSET ${values.bind(skip, 'int')}
    ) page ON true ORDER BY page.id DESC`
  const rows = await query<(ThreadRow | { id: null }) & { total: number | null }>(
    database,
    values.statement(text),
  )
  return { rows: rows.filter((row) => row.id !== null), total: rows[0]?.total ?? undefined }
}

/** Those of these knowledge bases that `actor` may read now, locked against being removed until commit. */
export async function readableBases(
  db: Tx,
  actor: Pick<Actor, 'userId'>,
  ids: readonly string[],
): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const values = sqlValues()
  const among = values.bind(ids, 'uuid[]')
  const may = mayUseBase(values, { userId: actor.userId }, 'viewer')
  const statement = values.statement(
    `SELECT k.id FROM knowledge_bases k WHERE k.id = ANY(${among}) AND ${may} FOR KEY SHARE OF k`,
  )
  const rows = await db.$queryRawUnsafe<{ id: string }[]>(statement.text, ...statement.values)
  return new Set(rows.map(({ id }) => id))
}

/** A new thread. */
export interface NewThread {
  readonly id: string
  readonly userId: string
  readonly title: string
  readonly modelId: string | null
  readonly knowledgeBaseIds: readonly string[]
  readonly now: Date
}

/** Writes a thread with its sources. */
export async function insertThread(db: Db, { knowledgeBaseIds, now, ...thread }: NewThread): Promise<void> {
  await db.thread.create({
    data: {
      ...thread,
      createdAt: now,
      updatedAt: now,
      knowledgeBases: { create: knowledgeBaseIds.map((knowledgeBaseId) => ({ knowledgeBaseId })) },
    },
    select: { id: true },
  })
}

/** Changes columns of the user's thread; false when it is not theirs or not there. */
export async function updateThread(
  db: Db,
  userId: string,
  id: string,
  data: { readonly title?: string; readonly modelId?: string | null; readonly updatedAt: Date },
): Promise<boolean> {
  const { count } = await db.thread.updateMany({ where: { id, userId }, data })
  return count === 1
}

/** Gives a thread other sources. */
export async function replaceBases(db: Db, threadId: string, ids: readonly string[]): Promise<void> {
  await db.threadKnowledgeBase.deleteMany({ where: { threadId } })
  await db.threadKnowledgeBase.createMany({
    data: ids.map((knowledgeBaseId) => ({ threadId, knowledgeBaseId })),
  })
}

/**
 * Removes the user's thread with everything said in it, also from the streams of its replies; the ids of those that
 * were under way, or null when it is not theirs or not there.
 */
export async function deleteThread(db: Tx, userId: string, id: string): Promise<string[] | null> {
  const [thread] = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM threads WHERE id = ${id}::uuid AND user_id = ${userId}::uuid FOR UPDATE`
  if (thread === undefined) return null
  const replies = await db.$queryRaw<{ id: string; underWay: boolean }[]>`
    SELECT id, state IN ('queued', 'streaming') AS "underWay" FROM messages
    WHERE thread_id = ${id}::uuid AND role = 'assistant' FOR UPDATE`
  const streams = replies.map((reply) => `reply:${reply.id}`)
  await db.$executeRaw`DELETE FROM events WHERE stream = ANY(${streams}::text[])`
  await db.thread.delete({ where: { id }, select: { id: true } })
  return replies.filter(({ underWay }) => underWay).map((reply) => reply.id)
}
