import { isoOf, type Moment } from '../../platform/pagination/moments.ts'
import type { StoredFile } from './files.schema.ts'

/** A stored file's columns, as repositories read them. */
export interface FileRow {
  readonly id: string
  readonly projectId: string | null
  readonly ownerId: string
  readonly name: string
  readonly type: string
  /** 64 bits, which `pg` reads as text. */
  readonly bytes: bigint | string
  readonly sha256: string
  readonly purpose: string
  readonly createdAt: Moment
}

/** A file as it leaves. */
export function presentFile(row: FileRow): StoredFile {
  return {
    id: row.id,
    projectId: row.projectId,
    ownerId: row.ownerId,
    name: row.name,
    type: row.type,
    bytes: Number(row.bytes),
    sha256: row.sha256,
    purpose: row.purpose,
    createdAt: isoOf(row.createdAt),
  }
}
