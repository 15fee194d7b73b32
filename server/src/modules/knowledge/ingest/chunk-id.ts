import { createHash } from 'node:crypto'
import { uuidFrom } from '../../../platform/ids.ts'

/**
 * The id of a version's chunk, a UUID of version 8: it follows from version and position, so that an attempt that is
 * repeated writes the same chunks and vectors, and all of a version's can be named when its rows are gone.
 */
export function chunkIdOf(versionId: string, position: number): string {
  const bytes = createHash('sha256').update(`${versionId} ${position}`).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return uuidFrom(bytes)
}

/** The ids of a version's chunks from position `start` to before `end`. */
export function chunkIdsOf(versionId: string, start: number, end: number): string[] {
  return Array.from({ length: Math.max(0, end - start) }, (_, index) => chunkIdOf(versionId, start + index))
}
