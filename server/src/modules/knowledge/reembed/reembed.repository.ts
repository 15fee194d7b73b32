import { type Database, type Db, query, type Tx } from '../../../platform/database/index.ts'
import type { EmbeddableChunk } from '../ingest/embed-chunks.ts'

/** The job that is building a space of this base beside the one in use; null when there is none. */
export async function underWay(db: Tx, knowledgeBaseId: string): Promise<string | null> {
  const rows = await db.$queryRaw<{ jobId: string }[]>`
    SELECT s.job_id AS "jobId" FROM embedding_spaces s
    JOIN knowledge_bases k ON k.id = s.knowledge_base_id AND k.space_id IS DISTINCT FROM s.id
    JOIN jobs j ON j.id = s.job_id AND j.state IN ('queued', 'running')
    WHERE s.knowledge_base_id = ${knowledgeBaseId}::uuid AND s.retired_at IS NULL LIMIT 1`
  return rows[0]?.jobId ?? null
}

/** A version that is found. */
export interface FoundVersion {
  readonly id: string
  readonly chunks: number
}

/** The versions of a base that are found and not among `done`. */
export async function versionsLeft(
  db: Db,
  knowledgeBaseId: string,
  done: ReadonlySet<string>,
): Promise<FoundVersion[]> {
  return await db.$queryRaw<FoundVersion[]>`
    SELECT v.id, v.chunk_count AS chunks FROM documents d
    JOIN document_versions v ON v.id = d.current_version_id
    WHERE d.knowledge_base_id = ${knowledgeBaseId}::uuid AND v.id <> ALL(${[...done]}::uuid[])
    ORDER BY d.created_at, d.id`
}

/** Chunks of a version from a position on, `limit` at most. */
export async function chunksFrom(
  database: Pick<Database, 'pool'>,
  versionId: string,
  position: number,
  limit: number,
): Promise<EmbeddableChunk[]> {
  return await query<EmbeddableChunk & { [column: string]: unknown }>(database, {
    name: 'chunks.from',
    text: `SELECT id, document_id AS "documentId", text, headings FROM chunks
      WHERE version_id = $1::uuid AND position >= $2::int ORDER BY position LIMIT $3::int`,
    values: [versionId, position, limit],
  })
}
