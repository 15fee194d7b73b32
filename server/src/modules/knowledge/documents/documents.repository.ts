import type { Actor } from '../../../contract/actor.ts'
import type { MemberRole } from '../../../contract/policy.ts'
import { type Database, gathered, query, type Tx } from '../../../platform/database/index.ts'
import type { Position } from '../../../platform/pagination/cursor.ts'
import { isAfter, type Order, orderBy } from '../../../platform/pagination/keyset.ts'
import type { Slice } from '../../../platform/pagination/page.ts'
import { containsPattern, perId, sqlValues } from '../../../platform/pagination/sql-values.ts'
import { mayUseBase } from '../knowledge-access.ts'
import { DOCUMENT_COLUMNS, DOCUMENT_TABLES, STATUS } from './document-columns.ts'
import type { ChunkRow, DocumentRow } from './documents.presenter.ts'

type Found<Row> = Row & { [column: string]: unknown }
type Pool = Pick<Database, 'pool'>

/** A document that `actor` may read, or null. One round trip for all that a batch asks for. */
export const findDocument = gathered(async (database, actor: Actor, ids) => {
  const values = sqlValues()
  const may = mayUseBase(values, actor, 'viewer')
  const from = `FROM ${DOCUMENT_TABLES} JOIN knowledge_bases k ON k.id = d.knowledge_base_id`
  const text = perId(values, ids, (id) => `SELECT ${DOCUMENT_COLUMNS} ${from} WHERE d.id = ${id} AND ${may}`)
  return await query<Found<DocumentRow>>(database, values.statement(text))
})

/**
 * A document inside the transaction that queues the job of its newest version, and has checked the rights. The job's own
 * row is written last.
 */
export async function readQueued(tx: Tx, id: string): Promise<DocumentRow> {
  const text = `SELECT ${DOCUMENT_COLUMNS} FROM ${DOCUMENT_TABLES} WHERE d.id = $1::uuid`
  const [row] = await tx.$queryRawUnsafe<DocumentRow[]>(text, id)
  if (row === undefined) throw new Error('A document was written and is not there')
  return { ...row, status: 'processing', error: null }
}

/** Newest first. */
const ORDER: Order = {
  key: 'd.created_at',
  keyType: 'timestamptz',
  nullable: false,
  descending: true,
  id: 'd.id',
}

/** Which documents. */
export interface DocumentFilter {
  readonly knowledgeBaseId: string
  readonly status?: DocumentRow['status'] | undefined
  readonly search?: string | undefined
}

/** What a list reads: one more row than was asked for, and how many there are when read by page number. */
export interface Listed<Row> {
  readonly rows: Row[]
  readonly total: number | undefined
}

/** The documents of a base that `actor` may read, newest first; null when there is no such base. One round trip. */
export async function listDocuments(
  database: Pool,
  actor: Actor,
  { knowledgeBaseId, status, search }: DocumentFilter,
  slice: Slice<Position>,
): Promise<Listed<DocumentRow> | null> {
  const values = sqlValues()
  const seat = `SELECT k.id FROM knowledge_bases k
    WHERE k.id = ${values.bind(knowledgeBaseId, 'uuid')} AND ${mayUseBase(values, actor, 'viewer')}`
  const where = ['d.knowledge_base_id = seat.id']
  if (status !== undefined) where.push(`${STATUS} = ${values.bind(status, 'text')}`)
  if (search !== undefined) where.push(`d.name ILIKE ${values.bind(containsPattern(search), 'text')}`)
  const matching = `FROM ${DOCUMENT_TABLES} WHERE ${where.join(' AND ')}`
  const after = slice.by === 'cursor' && slice.after !== undefined ? slice.after : undefined
  const place = after === undefined ? '' : `AND ${isAfter(ORDER, after, values)}`
  const offset = slice.by === 'page' ? `OFFSET ${values.bind(slice.offset, 'int')}` : ''
  const total = slice.by === 'page' ? `(SELECT count(*)::int ${matching})` : 'NULL::int'
  const text = `SELECT ${total} AS total, page.* FROM (${seat}) seat LEFT JOIN LATERAL (
      SELECT ${DOCUMENT_COLUMNS} ${matching} ${place}
      ORDER BY ${orderBy(ORDER)} LIMIT ${values.bind(slice.limit + 1, 'int')} ${offset}
    ) page ON true ORDER BY page."createdAt" DESC, page.id DESC`
  const rows = await query<Found<(DocumentRow | { id: null }) & { total: number | null }>>(
    database,
    values.statement(text),
  )
  const [first] = rows
  if (first === undefined) return null
  return { rows: rows.filter((row) => row.id !== null), total: first.total ?? undefined }
}

/** In reading order. */
const READING_ORDER: Order = {
  key: 'c.position',
  keyType: 'smallint',
  nullable: false,
  descending: false,
  id: 'c.id',
}

/** The chunks of a document's version that is found; null when there is no document `actor` may read. One round trip. */
export async function listChunks(
  database: Pool,
  actor: Actor,
  id: string,
  slice: Slice<Position>,
): Promise<Listed<ChunkRow> | null> {
  const values = sqlValues()
  const seat = `SELECT d.current_version_id AS version, found.chunk_count FROM documents d
    JOIN knowledge_bases k ON k.id = d.knowledge_base_id
    LEFT JOIN document_versions found ON found.id = d.current_version_id
    WHERE d.id = ${values.bind(id, 'uuid')} AND ${mayUseBase(values, actor, 'viewer')}`
  const after = slice.by === 'cursor' && slice.after !== undefined ? slice.after : undefined
  const place = after === undefined ? '' : `AND ${isAfter(READING_ORDER, after, values)}`
  const offset = slice.by === 'page' ? `OFFSET ${values.bind(slice.offset, 'int')}` : ''
  const total = slice.by === 'page' ? 'coalesce(seat.chunk_count, 0)' : 'NULL::int'
  const text = `SELECT ${total} AS total, page.* FROM (${seat}) seat LEFT JOIN LATERAL (
      SELECT c.id, c.document_id AS "documentId", c.position, c.text, c.headings, c.page,
        c.span_start AS start, c.span_end AS "end"
      FROM chunks c WHERE c.version_id = seat.version ${place}
      ORDER BY ${orderBy(READING_ORDER)} LIMIT ${values.bind(slice.limit + 1, 'int')} ${offset}
    ) page ON true ORDER BY page.position`
  const rows = await query<Found<(ChunkRow | { id: null }) & { total: number | null }>>(
    database,
    values.statement(text),
  )
  const [first] = rows
  if (first === undefined) return null
  return { rows: rows.filter((row) => row.id !== null), total: first.total ?? undefined }
}

/** A base that `actor` may use, locked against being deleted until commit; null when there is none. */
export async function holdBase(
  tx: Tx,
  actor: Actor,
  id: string,
  min: MemberRole,
): Promise<{ readonly projectId: string | null } | null> {
  const values = sqlValues()
  const where = `k.id = ${values.bind(id, 'uuid')} AND ${mayUseBase(values, actor, min)}`
  const { text, values: bound } = values.statement(
    `SELECT k.project_id AS "projectId" FROM knowledge_bases k WHERE ${where} FOR SHARE OF k`,
  )
  const rows = await tx.$queryRawUnsafe<{ projectId: string | null }[]>(text, ...bound)
  return rows[0] ?? null
}
