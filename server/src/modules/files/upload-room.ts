import { type Database, query } from '../../platform/database/index.ts'

/** The end of an upload whose process says nothing for so long. */
const LEASE_SECONDS = 30

/** How much a user may keep. */
export interface StorageQuota {
  readonly bytes: number
  readonly files: number
}

/** Room that is wanted: at least, and better. */
export interface WantedRoom {
  readonly least: number
  readonly most: number
}

type Pool = Pick<Database, 'pool'>

const HOLD = `
  WITH room AS (
    INSERT INTO storage_usage AS u (user_id) VALUES ($2::uuid)
    ON CONFLICT (user_id) DO UPDATE SET user_id = excluded.user_id
      WHERE u.files < $3::int AND u.bytes + $4::bigint <= $5::bigint
    RETURNING u.bytes)
  INSERT INTO files (id, owner_id, purpose, name, type, bytes, state, due_at)
  SELECT $1::uuid, $2::uuid, '', '', '', least($6::bigint, $5::bigint - room.bytes), 'uploading',
    now() + interval '${LEASE_SECONDS} seconds'
  FROM room RETURNING bytes`

/**
 * Holds room for a file: a row that counts, made while the user's usage is locked, so that uploads at the same time
 * never pass the quota together. Returns how many bytes it may have, or null when there is no room. One statement.
 */
export async function holdRoom(
  database: Pool,
  id: string,
  ownerId: string,
  wanted: WantedRoom,
  quota: StorageQuota,
): Promise<number | null> {
  // The first file of a user meets no row that would be compared.
  if (quota.files < 1 || wanted.least > quota.bytes) return null
  const rows = await query<{ bytes: string }>(database, {
    name: 'files.hold',
    text: HOLD,
    values: [id, ownerId, quota.files, wanted.least, quota.bytes, wanted.most],
  })
  return rows[0] === undefined ? null : Number(rows[0].bytes)
}

/** Says that these uploads go on. */
export async function keepHolding(database: Pool, ids: readonly string[]): Promise<void> {
  await database.pool.query(
    `UPDATE files SET due_at = now() + interval '${LEASE_SECONDS} seconds' WHERE id = ANY($1::uuid[]) AND state = 'uploading'`,
    [ids],
  )
}

/** Removes the row of a file whose bytes are gone. */
export async function forgetFile(database: Pool, id: string): Promise<void> {
  await database.pool.query(`DELETE FROM files WHERE id = $1::uuid AND state = 'deleting'`, [id])
}

/** Gives the room of an upload back; false when it is a stored file by now, or gone. */
export async function giveUpRoom(database: Pool, id: string): Promise<boolean> {
  const { rowCount } = await database.pool.query(
    `UPDATE files SET state = 'deleting', due_at = now() WHERE id = $1::uuid AND state = 'uploading'`,
    [id],
  )
  return rowCount === 1
}
