import { type Database, query } from '../../../platform/database/index.ts'
import { ENDED_BECAUSE } from '../documents/document-columns.ts'

type Pool = Pick<Database, 'pool'>

const AT_ONCE = 100
/** Each may have ten thousand chunks, and a statement that runs out of time would do so again and again. */
const DOCUMENTS_AT_ONCE = 4
/**
 * What was taken away is removed at once, and its row some seconds later: a search or an attempt under way may still be at
 * it, and whatever that leaves is removed with the row.
 */
const PATIENCE = `interval '10 seconds'`
const ALIVE = `('queued', 'running')`

/** Versions whose job ended without them are failed: says so, and leaves nothing of what was written of them. */
export async function settleEnded(database: Pool): Promise<void> {
  await database.pool.query(`
    WITH ended AS (
      SELECT v.id, v.knowledge_base_id, v.job_id, v.chunk_count, ${ENDED_BECAUSE} AS error
      FROM document_versions v LEFT JOIN jobs j ON j.id = v.job_id
      WHERE v.state = 'processing' AND (j.id IS NULL OR j.state NOT IN ('queued', 'running', 'succeeded'))
      LIMIT ${AT_ONCE} FOR UPDATE OF v SKIP LOCKED
    ), failed AS (
      UPDATE document_versions v SET state = 'failed', error = e.error, chunk_count = 0 FROM ended e WHERE v.id = e.id
    ), uncut AS (
      DELETE FROM chunks c USING ended e WHERE c.version_id = e.id
    )
    INSERT INTO vector_removals (version_id, knowledge_base_id, job_id, chunk_count)
    SELECT id, knowledge_base_id, job_id, chunk_count FROM ended WHERE chunk_count > 0
    ON CONFLICT DO NOTHING`)
}

/** Deletes the documents of deleted bases, some at a time. */
export async function emptyDeletedBases(database: Pool, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { rowCount } = await database.pool.query(`
      DELETE FROM documents WHERE id IN (
        SELECT d.id FROM documents d JOIN knowledge_bases k ON k.id = d.knowledge_base_id
        WHERE k.deleted_at IS NOT NULL LIMIT ${DOCUMENTS_AT_ONCE} FOR UPDATE OF d SKIP LOCKED)`)
    if ((rowCount ?? 0) < DOCUMENTS_AT_ONCE || signal.aborted) return
  }
}

/** Retires spaces that nothing will look at: of bases that are gone, and those whose job ended before they were whole. */
export async function retireLeftSpaces(database: Pool): Promise<void> {
  await database.pool.query(`
    UPDATE embedding_spaces s SET retired_at = now() WHERE s.retired_at IS NULL AND (
      s.knowledge_base_id IS NULL
      OR EXISTS (SELECT 1 FROM knowledge_bases k WHERE k.id = s.knowledge_base_id AND k.deleted_at IS NOT NULL)
      OR (s.job_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = s.job_id AND j.state IN ${ALIVE})))`)
}

/** Vectors to be removed. */
export interface Removal {
  readonly versionId: string
  readonly chunkCount: number
  /** The spaces in which they may be. */
  readonly spaceIds: readonly string[]
}

/** What is to be removed from spaces of `store`, some at a time, those of versions after `after`. */
export async function dueRemovals(database: Pool, store: string, after: string): Promise<Removal[]> {
  return await query<Removal & { [column: string]: unknown }>(database, {
    name: 'vectors.removals',
    text: `SELECT r.version_id AS "versionId", r.chunk_count AS "chunkCount", ARRAY(
        SELECT s.id FROM embedding_spaces s WHERE s.knowledge_base_id = r.knowledge_base_id
          AND s.store = $1 AND s.retired_at IS NULL) AS "spaceIds"
      FROM vector_removals r WHERE r.version_id > $2::uuid ORDER BY r.version_id LIMIT ${AT_ONCE}`,
    values: [store, after],
  })
}

/** Forgets a removal that was carried out, once nobody can write those vectors any more. */
export async function forgetRemoval(database: Pool, versionId: string): Promise<void> {
  await database.pool.query(
    `DELETE FROM vector_removals r WHERE r.version_id = $1::uuid AND r.created_at < now() - ${PATIENCE}
       AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = r.job_id AND j.state IN ${ALIVE})
       AND NOT EXISTS (SELECT 1 FROM embedding_spaces s JOIN jobs j ON j.id = s.job_id AND j.state IN ${ALIVE}
         WHERE s.knowledge_base_id = r.knowledge_base_id)`,
    [versionId],
  )
}

/** Spaces in `store` that were retired long enough ago for every search to be over. */
export async function retiredSpaces(database: Pool, store: string): Promise<string[]> {
  const rows = await query<{ id: string }>(database, {
    name: 'spaces.retired',
    text: `SELECT id FROM embedding_spaces WHERE retired_at < now() - ${PATIENCE} AND store = $1
      ORDER BY retired_at LIMIT ${AT_ONCE}`,
    values: [store],
  })
  return rows.map(({ id }) => id)
}

/** Forgets a space that was dropped, once nobody can write into it any more. */
export async function forgetSpace(database: Pool, id: string): Promise<void> {
  await database.pool.query(
    `DELETE FROM embedding_spaces s WHERE s.id = $1::uuid
       AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = s.job_id AND j.state IN ${ALIVE})
       AND NOT EXISTS (SELECT 1 FROM document_versions v
         WHERE v.state = 'processing' AND v.knowledge_base_id = s.knowledge_base_id)
       AND NOT EXISTS (SELECT 1 FROM vector_removals r JOIN jobs j ON j.id = r.job_id AND j.state IN ${ALIVE}
         WHERE r.knowledge_base_id = s.knowledge_base_id)`,
    [id],
  )
}

/** Forgets bases of which nothing is left, and removals whose spaces are gone with their base. */
export async function forgetDeletedBases(database: Pool): Promise<void> {
  await database.pool.query(`
    DELETE FROM knowledge_bases k WHERE k.deleted_at IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.knowledge_base_id = k.id)
      AND NOT EXISTS (SELECT 1 FROM embedding_spaces s WHERE s.knowledge_base_id = k.id)`)
}
