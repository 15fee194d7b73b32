import { createHash } from 'node:crypto'
import { uuidFrom } from '../ids.ts'

/** What a sort key is in the database. `text` keys are compared byte by byte. */
export type KeyType = 'timestamptz' | 'smallint' | 'text'

/** A place in a list: after the row with this sort key and id. Timestamps are ISO 8601 with milliseconds. */
export interface Position {
  readonly key: string | null
  readonly id: string
}

/** Which list a cursor belongs to: its name and everything that decides which rows are in it and in what order. */
export interface CursorScope {
  readonly list: string
  readonly filters: Readonly<Record<string, string | undefined>>
  readonly keyType: KeyType
}

const MARK_BYTES = 6
const ID_BYTES = 16
const KEY_AT = MARK_BYTES + ID_BYTES + 1
const NULL_KEY = 0
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/**
 * A cursor as callers carry it: base64url of a mark of the list, the id, and the sort key. It is opaque, not secret
 * and not signed: whatever it says, the query it goes into shows only rows the caller may see.
 * Keys of 80 characters fit into 500 characters.
 */
export function encodeCursor(scope: CursorScope, position: Position): string {
  if (!UUID.test(position.id)) throw new Error('A cursor needs the id of a row')
  return Buffer.concat([
    mark(scope),
    Buffer.from(position.id.replaceAll('-', ''), 'hex'),
    Buffer.from([position.key === null ? NULL_KEY : 1]),
    Buffer.from(position.key ?? '', 'utf8'),
  ]).toString('base64url')
}

/** The place a cursor stands for, or null when it was not made for this list, sort and set of filters. */
export function decodeCursor(scope: CursorScope, cursor: string): Position | null {
  const bytes = Buffer.from(cursor, 'base64url')
  if (bytes.length < KEY_AT || bytes.toString('base64url') !== cursor) return null
  if (!bytes.subarray(0, MARK_BYTES).equals(mark(scope))) return null
  const id = uuidFrom(bytes.subarray(MARK_BYTES, MARK_BYTES + ID_BYTES))
  if (bytes.readUInt8(KEY_AT - 1) === NULL_KEY) return bytes.length === KEY_AT ? { key: null, id } : null
  const key = decodeText(bytes.subarray(KEY_AT))
  return key !== null && isKey[scope.keyType](key) ? { key, id } : null
}

/** What the database would refuse must be refused here, as the caller's mistake. */
const isKey: Record<KeyType, (key: string) => boolean> = {
  timestamptz: (key) => /^\d{4}-/.test(key) && !key.startsWith('0000') && isIsoDate(key),
  smallint: (key) => /^-?\d{1,4}$/.test(key),
  text: (key) => !key.includes('\0'),
}

function isIsoDate(text: string): boolean {
  const date = new Date(text)
  return !Number.isNaN(date.getTime()) && date.toISOString() === text
}

function decodeText(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

function mark({ list, filters, keyType }: CursorScope): Buffer {
  const given = Object.entries(filters)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([list, keyType, given]))
    .digest()
    .subarray(0, MARK_BYTES)
}
