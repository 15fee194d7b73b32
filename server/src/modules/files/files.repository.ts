import type { Actor } from '../../contract/actor.ts'
import type { MemberRole } from '../../contract/policy.ts'
import type { UploadedFile } from '../../contract/upload.ts'
import { type Database, type Db, gathered, pipelinedQuery, query } from '../../platform/database/index.ts'
import type { Position } from '../../platform/pagination/cursor.ts'
import { isAfter, type Order, orderBy } from '../../platform/pagination/keyset.ts'
import type { Slice } from '../../platform/pagination/page.ts'
import { perId, sqlValues } from '../../platform/pagination/sql-values.ts'
import { seatSql } from '../projects/index.ts'
import type { FileRow } from './files.presenter.ts'
import { FILE_COLUMNS, mayUseFile } from './readable-files.ts'

type Found<Row> = Row & { [column: string]: unknown }

/** A stored file that `actor` may read, or null. One round trip for all that a batch asks for. */
export const findFile = gathered(async (database, actor: Actor, ids) => {
  const values = sqlValues()
  const may = mayUseFile(values, actor, 'viewer')
  const text = perId(values, ids, (id) => `SELECT ${FILE_COLUMNS} FROM files f WHERE f.id = ${id} AND ${may}`)
  return await pipelinedQuery<Found<FileRow>>(database, values.statement(text))
})

/** Newest first. */
const order: Order = {
  key: 'f.created_at',
  keyType: 'timestamptz',
  nullable: false,
  descending: true,
  id: 'f.id',
}

/**
 * Files of a project that `actor` may read, or those that are the actor's alone; one more than `slice.limit`. Null when
 * there is no such project. `total` when read by page number. One round trip.
 */
export async function listFiles(
  database: Pick<Database, 'pool'>,
  actor: Actor,
  projectId: string | undefined,
  slice: Slice<Position>,
): Promise<{ rows: FileRow[]; total: number | undefined } | null> {
  const values = sqlValues()
  const [seat, which] =
    projectId === undefined
      ? ['SELECT 1', `f.project_id IS NULL AND f.owner_id = ${values.bind(actor.userId, 'uuid')}`]
      : [seatSql(values, actor, values.bind(projectId, 'uuid'), 'viewer'), 'f.project_id = seat.id']
  const matching = `FROM files f WHERE f.state = 'stored' AND ${which}`
  const after = slice.by === 'cursor' && slice.after !== undefined ? slice.after : undefined
  const place = after === undefined ? '' : `AND ${isAfter(order, after, values)}`
  const offset = slice.by === 'page' ? `OFFSET ${values.bind(slice.offset, 'int')}` : ''
  const total = slice.by === 'page' ? `(SELECT count(*)::int ${matching})` : 'NULL::int'
  const limit = values.bind(slice.limit + 1, 'int')
  const text = `SELECT ${total} AS total, page.* FROM (${seat}) seat LEFT JOIN LATERAL (
      SELECT ${FILE_COLUMNS} ${matching} ${place} ORDER BY ${orderBy(order)} LIMIT ${limit} ${offset}
    ) page ON true ORDER BY page."createdAt" DESC, page.id DESC`
  const rows = await query<Found<(FileRow | { id: null }) & { total: number | null }>>(
    database,
    values.statement(text),
  )
  const [first] = rows
  if (first === undefined) return null
  return { rows: rows.filter((row) => row.id !== null), total: first.total ?? undefined }
}

/** What becomes of a received file. */
export interface FileClaim {
  readonly ownerId: string
  readonly projectId: string | undefined
  readonly purpose: string
  readonly now: Date
}

/**
 * Makes a received file a stored one: whole or not at all, with the transaction. Null when the room held for it was
 * given up meanwhile.
 */
export async function claimFile(db: Db, file: UploadedFile, claim: FileClaim): Promise<FileRow | null> {
  const { ownerId, projectId, purpose, now } = claim
  const rows = await db.$queryRaw<FileRow[]>`
    UPDATE files f SET state = 'stored', due_at = NULL, name = ${file.name}, type = ${file.type},
      bytes = ${file.bytes}::bigint, sha256 = ${file.sha256}, purpose = ${purpose},
      project_id = ${projectId ?? null}::uuid, created_at = ${now}
    WHERE f.id = ${file.id}::uuid AND f.owner_id = ${ownerId}::uuid AND f.state = 'uploading'
    RETURNING f.id, f.project_id AS "projectId", f.owner_id AS "ownerId", f.name, f.type, f.bytes, f.sha256,
      f.purpose, f.created_at AS "createdAt"`
  return rows[0] ?? null
}

/** Marks a stored file as going, if `actor` has at least the role `min` where it belongs. */
export async function markDeleting(
  db: Db,
  actor: Actor,
  id: string,
  { min, now }: { readonly min: MemberRole; readonly now: Date },
): Promise<boolean> {
  const values = sqlValues()
  const due = values.bind(now.toISOString(), 'timestamptz')
  const where = `f.id = ${values.bind(id, 'uuid')} AND ${mayUseFile(values, actor, min)}`
  const { text, values: bound } = values.statement(
    `UPDATE files f SET state = 'deleting', due_at = ${due} WHERE ${where}`,
  )
  // Every value is bound; "unsafe" is Prisma's word for text that is put together at run time.
  return (await db.$executeRawUnsafe(text, ...bound)) === 1
}
