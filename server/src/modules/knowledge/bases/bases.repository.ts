import type { Actor } from '../../../contract/actor.ts'
import { type Database, gathered, query, type Tx } from '../../../platform/database/index.ts'
import type { Position } from '../../../platform/pagination/cursor.ts'
import { isAfter, type Order, orderBy } from '../../../platform/pagination/keyset.ts'
import type { Slice } from '../../../platform/pagination/page.ts'
import { perId, sqlValues } from '../../../platform/pagination/sql-values.ts'
import { seatSql } from '../../projects/index.ts'
import { mayUseBase } from '../knowledge-access.ts'
import type { BaseRow } from './bases.presenter.ts'

const COLUMNS = `k.id, k.name, k.project_id AS "projectId", k.owner_id AS "ownerId",
  (SELECT count(*)::int FROM documents d WHERE d.knowledge_base_id = k.id) AS documents,
  s.model_id AS "modelId", s.dimension, s.store, k.created_at AS "createdAt", k.updated_at AS "updatedAt"`
const FROM = 'FROM knowledge_bases k LEFT JOIN embedding_spaces s ON s.id = k.space_id'

type Found<Row> = Row & { [column: string]: unknown }

/** A knowledge base that `actor` may read, or null. One round trip for all that a batch asks for. */
export const findBase = gathered(async (database, actor: Actor, ids) => {
  const values = sqlValues()
  const may = mayUseBase(values, actor, 'viewer')
  const text = perId(values, ids, (id) => `SELECT ${COLUMNS} ${FROM} WHERE k.id = ${id} AND ${may}`)
  return await query<Found<BaseRow>>(database, values.statement(text))
})

/** Newest first. */
const ORDER: Order = {
  key: 'k.created_at',
  keyType: 'timestamptz',
  nullable: false,
  descending: true,
  id: 'k.id',
}

/**
 * Knowledge bases of a project, or all that are the actor's own or of a project they are in; one more than `slice.limit`.
 * Null when there is no such project. `total` when read by page number. One round trip.
 */
export async function listBases(
  database: Pick<Database, 'pool'>,
  actor: Actor,
  projectId: string | undefined,
  slice: Slice<Position>,
): Promise<{ rows: BaseRow[]; total: number | undefined } | null> {
  const values = sqlValues()
  const [seat, which] =
    projectId === undefined
      ? ['SELECT 1', mayUseBase(values, { userId: actor.userId }, 'viewer')]
      : [
          seatSql(values, actor, values.bind(projectId, 'uuid'), 'viewer'),
          'k.project_id = seat.id AND k.deleted_at IS NULL',
        ]
  const after = slice.by === 'cursor' && slice.after !== undefined ? slice.after : undefined
  const place = after === undefined ? '' : `AND ${isAfter(ORDER, after, values)}`
  const offset = slice.by === 'page' ? `OFFSET ${values.bind(slice.offset, 'int')}` : ''
  const total =
    slice.by === 'page' ? `(SELECT count(*)::int FROM knowledge_bases k WHERE ${which})` : 'NULL::int'
  const limit = values.bind(slice.limit + 1, 'int')
  const text = `SELECT ${total} AS total, page.* FROM (${seat}) seat LEFT JOIN LATERAL (
      SELECT ${COLUMNS} ${FROM} WHERE ${which} ${place} ORDER BY ${orderBy(ORDER)} LIMIT ${limit} ${offset}
    ) page ON true ORDER BY page."createdAt" DESC, page.id DESC`
  const rows = await query<Found<(BaseRow | { id: null }) & { total: number | null }>>(
    database,
    values.statement(text),
  )
  const [first] = rows
  if (first === undefined) return null
  return { rows: rows.filter((row) => row.id !== null), total: first.total ?? undefined }
}

/** How many bases there are of a project, or of a user alone. Until commit nobody else counts the same ones. */
export async function countBases(db: Tx, of: { readonly ownerId: string; readonly projectId?: string }) {
  const { ownerId, projectId } = of
  const key = `knowledge bases of ${projectId ?? ownerId}`
  await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${key}, 0))`
  const whose = projectId === undefined ? { ownerId, projectId: null } : { projectId }
  return await db.knowledgeBase.count({ where: { ...whose, deletedAt: null } })
}

/** A base to be made. */
export interface NewBase {
  readonly name: string
  readonly ownerId: string
  readonly projectId: string | null
  readonly now: Date
}

/** Makes a knowledge base, with nothing in it. */
export async function insertBase(db: Tx, { now, ...base }: NewBase): Promise<BaseRow> {
  const row = await db.knowledgeBase.create({
    data: { ...base, createdAt: now, updatedAt: now },
    select: { id: true },
  })
  return {
    ...base,
    id: row.id,
    documents: 0,
    modelId: null,
    dimension: null,
    store: null,
    createdAt: now,
    updatedAt: now,
  }
}

/** Renames a base that `actor` may write; null when there is none. */
export async function renameBase(
  db: Tx,
  actor: Actor,
  { id, name, now }: { readonly id: string; readonly name: string; readonly now: Date },
): Promise<BaseRow | null> {
  const values = sqlValues()
  const set = `name = ${values.bind(name, 'text')}, updated_at = ${values.bind(now.toISOString(), 'timestamptz')}`
  const where = `k.id = ${values.bind(id, 'uuid')} AND ${mayUseBase(values, actor, 'editor')}`
  const { text, values: bound } = values.statement(
    `WITH k AS (UPDATE knowledge_bases k SET ${set} WHERE ${where} RETURNING k.*)
     SELECT ${COLUMNS} FROM k LEFT JOIN embedding_spaces s ON s.id = k.space_id`,
  )
  const rows = await db.$queryRawUnsafe<BaseRow[]>(text, ...bound)
  return rows[0] ?? null
}

/** Takes a base that `actor` may write away from everybody, and retires its vectors; false when there is none. */
export async function markBaseDeleted(
  db: Tx,
  actor: Actor,
  { id, now }: { readonly id: string; readonly now: Date },
): Promise<boolean> {
  const values = sqlValues()
  const set = `deleted_at = ${values.bind(now.toISOString(), 'timestamptz')}`
  const where = `k.id = ${values.bind(id, 'uuid')} AND ${mayUseBase(values, actor, 'editor')}`
  const { text, values: bound } = values.statement(`UPDATE knowledge_bases k SET ${set} WHERE ${where}`)
  return (await db.$executeRawUnsafe(text, ...bound)) === 1
}
