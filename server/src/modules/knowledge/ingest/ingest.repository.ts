import { type Database, type Db, query, type Tx } from '../../../platform/database/index.ts'
import type { DocumentChunk } from '../chunking/chunk-document.ts'

/** A version that is to be taken in. */
export interface VersionToIngest {
  readonly id: string
  readonly documentId: string
  readonly knowledgeBaseId: string
  readonly fileId: string | null
  readonly type: string
}

/** The version `id`, if it is still this job's to take in; null when it was replaced, deleted or given up. */
export async function versionToIngest(db: Db, id: string, jobId: string): Promise<VersionToIngest | null> {
  return await db.documentVersion.findFirst({
    where: { id, jobId, state: 'processing' },
    select: { id: true, documentId: true, knowledgeBaseId: true, fileId: true, type: true },
  })
}

/** Notes how many chunks there will be, before anything of them is outside this database; false when it is gone. */
export async function noteChunkCount(db: Db, id: string, chunkCount: number): Promise<boolean> {
  const { count } = await db.documentVersion.updateMany({
    where: { id, state: 'processing' },
    data: { chunkCount },
  })
  return count === 1
}

/** A chunk with its id and place. */
export interface NewChunk extends DocumentChunk {
  readonly id: string
  readonly position: number
}

const WRITE = `INSERT INTO chunks (id, version_id, document_id, knowledge_base_id, position, text, headings, page, span_start, span_end)
  SELECT r.id, v.id, v.document_id, v.knowledge_base_id, r.position, r.text,
    ARRAY(SELECT json_array_elements_text(r.headings)), r.page, r.start, r."end"
  FROM document_versions v, json_to_recordset($2::text::json)
    AS r(id uuid, position int, text text, headings json, page int, start int, "end" int)
  WHERE v.id = $1::uuid AND v.state = 'processing'
  ON CONFLICT (id) DO UPDATE SET text = excluded.text, headings = excluded.headings, page = excluded.page,
    span_start = excluded.span_start, span_end = excluded.span_end
  RETURNING id`

/** Writes chunks, which nobody finds yet; false when their version is gone. */
export async function writeChunks(
  database: Pick<Database, 'pool'>,
  versionId: string,
  chunks: readonly NewChunk[],
): Promise<boolean> {
  const statement = { name: 'chunks.write', text: WRITE, values: [versionId, JSON.stringify(chunks)] }
  const rows = await query<{ id: string }>(database, statement)
  return rows.length === chunks.length
}

/** What a version came to. */
export interface IngestedVersion {
  readonly id: string
  readonly documentId: string
  readonly title: string | null
  readonly pages: number | null
  readonly characters: number
  readonly chunkCount: number
  readonly now: Date
}

/**
 * Makes a version the one that is found, and removes those before it, chunks and all. Returns its number and how many
 * were removed; null when it was replaced or deleted meanwhile.
 */
export async function switchTo(
  tx: Tx,
  { id, documentId, now, ...made }: IngestedVersion,
): Promise<{ readonly number: number; readonly replaced: number } | null> {
  // Of two versions that are ready at once the second waits here.
  const locked = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM documents WHERE id = ${documentId}::uuid FOR UPDATE`
  if (locked.length === 0) return null
  const [ready] = await tx.documentVersion.updateManyAndReturn({
    where: { id, state: 'processing' },
    data: { ...made, state: 'ready', error: null, readyAt: now },
    select: { number: true },
  })
  if (ready === undefined) return null
  await tx.chunk.deleteMany({ where: { versionId: id, position: { gte: made.chunkCount } } })
  const written = await tx.chunk.count({ where: { versionId: id } })
  if (written !== made.chunkCount) throw new Error(`${written} of ${made.chunkCount} chunks are there`)
  await tx.document.update({
    where: { id: documentId },
    data: { currentVersionId: id, updatedAt: now },
    select: { id: true },
  })
  const { number } = ready
  const { count: replaced } = await tx.documentVersion.deleteMany({
    where: { documentId, number: { lt: number } },
  })
  return { number, replaced }
}
