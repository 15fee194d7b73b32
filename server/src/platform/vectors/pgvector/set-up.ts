import type pg from 'pg'
import { VectorStoreError } from '../vector-store-error.ts'

/** For scans that go on until there are enough rows. */
const OLDEST = [0, 8] as const
/** Any number; held while tables of vectors are made, because `IF NOT EXISTS` alone fails when two do it at once. */
export const MAKING_LOCK = 20_261_122

interface Found {
  readonly installed: string | null
  readonly offered: string | null
  readonly ready: boolean
}

/**
 * Makes sure the extension and what belongs to it is there.
 * @throws VectorStoreError `not_set_up`, saying what is missing and what to do
 */
export async function setUpPgvector(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<Found>(FIND)
  const [found] = rows
  if (found === undefined) throw new VectorStoreError('unavailable', 'The database did not say what it has.')
  if (found.ready) return
  const version = found.installed ?? found.offered
  if (version === null) {
    throw new VectorStoreError(
      'not_set_up',
      'This PostgreSQL has no pgvector. Install the package (Debian: postgresql-<version>-pgvector), or choose another VECTOR_STORE: exact needs nothing.',
    )
  }
  if (isOlder(version)) {
    throw new VectorStoreError(
      'not_set_up',
      `This PostgreSQL has pgvector ${version}; ${OLDEST.join('.')} or newer is needed. Install it and run ALTER EXTENSION vector UPDATE.`,
    )
  }
  try {
    await pool.query(PREPARE)
  } catch (error) {
    throw new VectorStoreError(
      'not_set_up',
      'The extension pgvector is there, but this user may not prepare it. As a superuser, in this database, run: CREATE EXTENSION vector; and GRANT CREATE on this database to the server’s user.',
      error,
    )
  }
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])
}

/** See {@link PREPARE}. */
const CANDIDATES = 800

/** What is offered is read from files, a tenth of a second on an embedded database at first: only if none is installed. */
const FIND = `SELECT
  (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS installed,
  CASE WHEN NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'vector')
    THEN (SELECT default_version FROM pg_available_extensions WHERE name = 'vector') END AS offered,
  EXISTS (
    SELECT FROM pg_proc WHERE oid = to_regprocedure('vectors.nearest(uuid[], text, integer)')
    AND 'hnsw.ef_search=${CANDIDATES}' = ANY (proconfig)
  ) AS ready`

/**
 * One function finds in any number of spaces in one round trip, a table and a graph for each. The settings hold inside of
 * it only: 800 candidates instead of pgvector's 40, because among 25,000 vectors of the local embedder 400 found 0.96 of
 * the ten nearest, 200 found 0.93, and each doubling takes two fifths of what is missed; and a scan that meets removed rows goes
 * on until it has enough. The cast loads the library, without which its settings have no names.
 */
const PREPARE = `SELECT pg_advisory_xact_lock(${MAKING_LOCK});
CREATE EXTENSION IF NOT EXISTS vector;
CREATE SCHEMA IF NOT EXISTS vectors;
SELECT '[1]'::vector;
CREATE OR REPLACE FUNCTION vectors.nearest(spaces uuid[], query text, most integer)
RETURNS TABLE (chunk_id uuid, score real) LANGUAGE plpgsql STABLE
SET hnsw.ef_search = ${CANDIDATES} SET hnsw.iterative_scan = strict_order SET jit = off AS $$
DECLARE
  space uuid;
  place regclass;
  kind text;
BEGIN
  FOREACH space IN ARRAY spaces LOOP
    place := to_regclass('vectors.space_' || replace(space::text, '-', ''));
    CONTINUE WHEN place IS NULL;
    SELECT format_type(a.atttypid, a.atttypmod) INTO kind FROM pg_attribute a
      WHERE a.attrelid = place AND a.attname = 'embedding';
    RETURN QUERY EXECUTE format(
      'SELECT chunk_id, (1 - (embedding <=> $1::%1$s))::real FROM %2$s ORDER BY embedding <=> $1::%1$s LIMIT $2',
      kind, place) USING query, most;
  END LOOP;
END $$`
