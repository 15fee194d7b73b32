/** What a job's end makes of the version it was to take in, before the cleaner has written that down. */
export const STATUS = `CASE WHEN v.state = 'processing' AND (j.id IS NULL OR j.state NOT IN ('queued', 'running'))
  THEN 'failed' ELSE v.state::text END`

/** Why a job `j` ended without its version `v` being ready, in words for people. */
export const ENDED_BECAUSE = `CASE WHEN j.state = 'cancelled' THEN 'It was cancelled.'
  ELSE coalesce(j.error, 'It was given up.') END`

/** A document's columns, for statements that have {@link DOCUMENT_TABLES}. */
export const DOCUMENT_COLUMNS = `d.id, d.knowledge_base_id AS "knowledgeBaseId", d.name, v.title, v.type,
  v.bytes::float8 AS bytes, v.number AS version, found.number AS "foundVersion", ${STATUS} AS status,
  CASE WHEN (${STATUS}) <> 'failed' THEN NULL WHEN v.state = 'failed' THEN v.error ELSE ${ENDED_BECAUSE} END AS error,
  v.pages, v.characters, v.chunk_count AS chunks,
  (SELECT f.id FROM files f WHERE f.id = v.file_id AND f.state = 'stored') AS "fileId",
  v.job_id AS "jobId", d.created_by_id AS "createdById", d.created_at AS "createdAt", d.updated_at AS "updatedAt"`

/** A document `d` with its newest version `v`, the one that is found, and the newest one's job `j`. */
export const DOCUMENT_TABLES = `documents d
  CROSS JOIN LATERAL (
    SELECT * FROM document_versions n WHERE n.document_id = d.id ORDER BY n.number DESC LIMIT 1) v
  LEFT JOIN document_versions found ON found.id = d.current_version_id
  LEFT JOIN jobs j ON j.id = v.job_id`
