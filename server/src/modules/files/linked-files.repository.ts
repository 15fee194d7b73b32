import { type Database, query } from '../../platform/database/index.ts'
import { sqlValues } from '../../platform/pagination/sql-values.ts'
import type { FileLink } from './file-links.ts'
import type { FileRow } from './files.presenter.ts'
import { FILE_COLUMNS, mayUseFile } from './readable-files.ts'

const CREDENTIALS = { session: 'sessions', apiKey: 'api_keys' } as const

/**
 * The file of a link, if the user who made it may still read it, is neither suspended nor deleted, and the session or
 * key it was made with has not ended; null otherwise. One round trip.
 */
export async function findLinkedFile(
  database: Pick<Database, 'pool'>,
  { fileId, userId, via }: FileLink,
  now: Date,
): Promise<FileRow | null> {
  const values = sqlValues()
  const file = `f.id = ${values.bind(fileId, 'uuid')} AND ${mayUseFile(values, { userId }, 'viewer')}`
  const text = `SELECT ${FILE_COLUMNS} FROM files f
    JOIN users u ON u.id = ${values.bind(userId, 'uuid')} AND u.suspended_at IS NULL AND u.deleted_at IS NULL
    JOIN ${CREDENTIALS[via.kind]} c ON c.id = ${values.bind(via.id, 'uuid')} AND c.user_id = u.id
      AND c.revoked_at IS NULL
      AND (c.expires_at IS NULL OR c.expires_at > ${values.bind(now.toISOString(), 'timestamptz')})
    WHERE ${file}`
  const rows = await query<FileRow & { [column: string]: unknown }>(database, values.statement(text))
  return rows[0] ?? null
}
