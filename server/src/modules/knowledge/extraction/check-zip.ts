import { inflateRawSync } from 'node:zlib'
import { Unreadable } from './unreadable.ts'

const END = 0x06054b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50
const END_BYTES = 22
const MOST_COMMENT = 65_535
const STORED = 0
const DEFLATED = 8

const MOST_ENTRIES = 5_000
/** Of all entries together, unpacked; pictures in a document are large. */
const MOST_BYTES = 200 * 1_048_576
/** Of one entry that is parsed: as objects it takes ten times as much. */
const MOST_PARSED_BYTES = 16 * 1_048_576
/** XML packs well; what packs better than this says nothing. */
const MOST_RATIO = 200
const SMALL_BYTES = 1_048_576

/** An entry as the central directory tells of it. */
interface Entry {
  readonly name: string
  readonly method: number
  readonly packed: number
  readonly unpacked: number
  readonly offset: number
}

/**
 * Looks at a ZIP file before anything in it is unpacked, and unpacks what will be parsed no further than it says itself.
 * @throws Unreadable for one that would become too large, or is none
 */
export function checkZip(bytes: Uint8Array, isParsed: (name: string) => boolean): ReadonlySet<string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const names = new Set<string>()
  let total = 0
  for (const entry of entriesOf(view)) {
    total += entry.unpacked
    const isBomb = entry.unpacked > SMALL_BYTES && entry.unpacked > entry.packed * MOST_RATIO
    if (total > MOST_BYTES || isBomb) throw new Unreadable(TOO_LARGE)
    if (isParsed(entry.name)) requireSize(view, entry)
    names.add(entry.name)
  }
  return names
}

const TOO_LARGE = 'The file becomes too large when it is unpacked.'
const DAMAGED = 'The file is damaged: it cannot be unpacked.'

function* entriesOf(view: DataView): Generator<Entry> {
  const end = endOf(view)
  const count = view.getUint16(end + 10, true)
  if (count > MOST_ENTRIES) throw new Unreadable('The file has too many parts.')
  let at = view.getUint32(end + 16, true)
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== ENTRY) throw new Unreadable(DAMAGED)
    const nameBytes = view.getUint16(at + 28, true)
    const name = new Uint8Array(
      view.buffer,
      view.byteOffset + at + 46,
      Math.min(nameBytes, view.byteLength - at - 46),
    )
    yield {
      name: new TextDecoder().decode(name),
      method: view.getUint16(at + 10, true),
      packed: view.getUint32(at + 20, true),
      unpacked: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    }
    at += 46 + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
}

/** Where the end record is; it is followed by a comment at most. */
function endOf(view: DataView): number {
  const last = view.byteLength - END_BYTES
  for (let at = last; at >= Math.max(0, last - MOST_COMMENT); at -= 1) {
    if (view.getUint32(at, true) === END) return at
  }
  throw new Unreadable(DAMAGED)
}

/** @throws Unreadable when there is more in it than it says, or more than may be parsed */
function requireSize(view: DataView, { method, packed, unpacked, offset }: Entry): void {
  if (unpacked > MOST_PARSED_BYTES) throw new Unreadable(TOO_LARGE)
  if (offset + 30 > view.byteLength || view.getUint32(offset, true) !== LOCAL) throw new Unreadable(DAMAGED)
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true)
  if (start + packed > view.byteLength || (method !== STORED && method !== DEFLATED))
    throw new Unreadable(DAMAGED)
  if (method === STORED) {
    if (packed !== unpacked) throw new Unreadable(DAMAGED)
    return
  }
  const data = new Uint8Array(view.buffer, view.byteOffset + start, packed)
  try {
    inflateRawSync(data, { maxOutputLength: Math.max(1, unpacked) })
  } catch (error) {
    const isMore = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    throw new Unreadable(isMore ? TOO_LARGE : DAMAGED)
  }
}
