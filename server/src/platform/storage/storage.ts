import type { Readable } from 'node:stream'
import type { StorageKey } from './storage-key.ts'

/** What is known of stored bytes without reading them. */
export interface StoredObject {
  readonly key: StorageKey
  readonly bytes: number
  readonly modifiedAt: Date
}

/** Part of an object: from the first to the last byte, both included, counted from 0. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/** How bytes are taken in. */
export interface ReceiveOptions {
  /** More than this many are refused. */
  readonly maxBytes: number
  /**
   * Given the first {@link HEAD_BYTES} bytes, or all there are, as soon as they have come. What it throws ends the
   * reception, before the rest has come.
   */
  readonly onHead?: (head: Uint8Array) => Promise<void> | void
}

/** Enough to tell the type of a file by. */
export const HEAD_BYTES = 4_100

/** What was learnt of bytes while they came in. */
export interface ReceivedBytes {
  readonly bytes: number
  /** SHA-256 in hexadecimal. */
  readonly sha256: string
}

/** Bytes that have arrived whole and are under no key yet. One of the two must be called. */
export interface StagedBytes extends ReceivedBytes {
  /** Makes them the object `key`, at once and whole; what was there is replaced. */
  keep(key: StorageKey): Promise<void>
  /** Forgets them; does nothing after {@link keep}. */
  discard(): Promise<void>
}

/** What a driver does with whole files. */
export interface StorageDriver {
  readonly kind: 'local' | 's3'
  /** Moves or copies the file `path` to `key`; may leave it where it is. */
  put(key: StorageKey, path: string, received: ReceivedBytes): Promise<void>
  /** @throws StorageError `missing` */
  read(key: StorageKey, range?: ByteRange): Promise<Readable>
  /** Null when there is no such object. */
  stat(key: StorageKey): Promise<StoredObject | null>
  /** Does nothing when there is no such object. */
  delete(key: StorageKey): Promise<void>
  /** Everything under `prefix/`, in no order, read page by page. */
  list(prefix: StorageKey): AsyncIterable<StoredObject>
  /** Deletes everything under `prefix/`. */
  deletePrefix(prefix: StorageKey): Promise<void>
  /** Resolves when objects can be written and read; rejects within two seconds when not. */
  check(): Promise<void>
  close(): Promise<void>
}

/** Where files are. What a file is called and which type it has is kept by whoever stores it, not here. */
export interface Storage extends Omit<StorageDriver, 'put' | 'close'> {
  /**
   * Takes bytes in without showing them to anybody: on disk, whatever their number, never in memory.
   * @throws StorageError `too_large`, `full`; whatever `body` throws; nothing is left behind then
   */
  receive(body: AsyncIterable<Uint8Array>, options: ReceiveOptions): Promise<StagedBytes>
  /** {@link receive} and {@link StagedBytes.keep} in one. */
  save(key: StorageKey, body: AsyncIterable<Uint8Array>, options: ReceiveOptions): Promise<ReceivedBytes>
  /** Starts to remove what processes that died have left half received; it is gone within a minute. */
  start(): Promise<void>
  close(): Promise<void>
}
