import type pg from 'pg'
import { VectorStoreError } from '../vector-store-error.ts'

/** Any number; held while the tables are made. */
const MAKING_LOCK = 20_261_123

/**
 * Makes sure the tables are there.
 * @throws VectorStoreError `not_set_up` when this user may not make them
 */
export async function setUpExact(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ ready: boolean }>(
    `SELECT to_regclass('vectors.exact_vectors') IS NOT NULL AS ready`,
  )
  if (rows[0]?.ready === true) return
  try {
    await pool.query(PREPARE)
  } catch (error) {
    throw new VectorStoreError(
      'not_set_up',
      'The server’s user may not make the schema for vectors. As the database’s owner run: GRANT CREATE on this database to that user.',
      error,
    )
  }
}

const PREPARE = `SELECT pg_advisory_xact_lock(${MAKING_LOCK});
CREATE SCHEMA IF NOT EXISTS vectors;
CREATE SEQUENCE IF NOT EXISTS vectors.exact_eras;
CREATE TABLE IF NOT EXISTS vectors.exact_spaces (
  space_id uuid PRIMARY KEY,
  dimension integer NOT NULL,
  version bigint NOT NULL,
  era bigint NOT NULL DEFAULT nextval('vectors.exact_eras')
);
COMMENT ON TABLE vectors.exact_spaces IS 'Spaces of vectors that are compared one by one. "version" grows with every change, "era" is another once something was removed.';
CREATE TABLE IF NOT EXISTS vectors.exact_vectors (
  space_id uuid NOT NULL REFERENCES vectors.exact_spaces ON DELETE CASCADE,
  chunk_id uuid NOT NULL,
  version bigint NOT NULL,
  embedding bytea NOT NULL,
  PRIMARY KEY (space_id, chunk_id)
);
ALTER TABLE vectors.exact_vectors ALTER COLUMN embedding SET STORAGE EXTERNAL;
CREATE INDEX IF NOT EXISTS exact_vectors_version ON vectors.exact_vectors (space_id, version, chunk_id);
COMMENT ON TABLE vectors.exact_vectors IS 'Vectors of length 1, four little-endian bytes per number; "version" is the space''s when it was written.'`
