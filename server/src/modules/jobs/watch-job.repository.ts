import { type Database, query } from '../../platform/database/index.ts'
import { type LookRow, viewOf } from '../../platform/events/look-rows.ts'
import { BATCH, type StreamView } from '../../platform/events/stream-source.ts'
import { ENDED } from '../../platform/jobs/job-changes.ts'
import { jobStream } from '../../platform/jobs/job-stream.ts'

const LOOK = `
  WITH seen AS (SELECT * FROM jobs WHERE id = $1::uuid),
  readers AS (
    SELECT u.id::text AS reader FROM seen JOIN users u ON u.id = ANY($4::uuid[])
    WHERE u.deleted_at IS NULL AND (u.id = seen.owner_id OR u.role IN ('admin', 'super_admin'))
  )
  SELECT 'head' AS kind, revision::text AS id, NULL::text AS type,
    jsonb_build_object('over', state IN ${ENDED}) AS data FROM seen
  UNION ALL SELECT 'reader', reader, NULL, NULL FROM readers
  UNION ALL (
    SELECT 'event', e.id::text, e.type, e.data FROM events e
    WHERE e.stream = $2 AND e.id > $3::bigint AND EXISTS (SELECT FROM readers)
    ORDER BY e.id LIMIT ${BATCH})`

/**
 * What happened to a job after the event `after` (nothing when undefined), its revision, and who of the readers may
 * see it: its owner, and admins.
 */
export async function lookAtJob(
  database: Pick<Database, 'pool'>,
  id: string,
  after: bigint | undefined,
  readers: readonly string[],
): Promise<StreamView> {
  const values = [id, jobStream(id), after?.toString() ?? null, readers]
  const rows = await query<LookRow>(database, { name: 'jobs.look', text: LOOK, values })
  return viewOf(rows)
}
