import { randomBytes } from 'node:crypto'

/**
 * UUIDs of version 7 (RFC 9562 §5.7) for rows made together, in ascending order, so that sorting by id keeps the order
 * in which they were given.
 */
export function newIds(count: number, now: Date): string[] {
  return Array.from({ length: count }, () => uuidV7(now)).sort()
}

function uuidV7(now: Date): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(now.getTime(), 0, 6)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return uuidFrom(bytes)
}

/** One UUID of version 7. */
export function newId(now: Date = new Date()): string {
  return uuidV7(now)
}

/** The text of 16 bytes as a UUID. */
export function uuidFrom(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
