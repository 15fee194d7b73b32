import type { Actor } from './actor.ts'

/** What a procedure that takes a file says of it. */
export interface UploadRule {
  /** Less than the server allows in general, when given. */
  readonly maxBytes?: number
  /** The only types it takes, as the content tells them (`image/png`). Default: any. */
  readonly types?: readonly string[]
}

/**
 * A file that came with a call: whole, in the storage, and nobody's yet. It is gone after the call unless the service
 * claims it inside its transaction (see the files module).
 */
export interface UploadedFile {
  readonly id: string
  /** What the caller calls it: one line without paths or control characters, 1–255 characters. */
  readonly name: string
  /** Told by the content. */
  readonly type: string
  readonly bytes: number
  /** SHA-256 in hexadecimal. */
  readonly sha256: string
}

/** A file as it comes in, unread. */
export interface FilePart {
  readonly name: string | undefined
  /** What the caller says it is. */
  readonly type: string | undefined
  readonly body: AsyncIterable<Uint8Array>
}

/** The fields beside the file, as text. */
export type UploadFields = Readonly<Record<string, string>>

/** The body of an upload, which is read when the pipeline has let the caller in, and not before. */
export interface UploadSource {
  /** How long the caller says the whole body is. */
  readonly declaredBytes: number | undefined
  /**
   * Reads the body to its end and resolves with its fields. `onFile` gets the file, and the fields that came before it;
   * what it throws ends the reading.
   * @throws BAD_REQUEST (malformed, two files, none), PAYLOAD_TOO_LARGE, TIMEOUT, CLIENT_CLOSED_REQUEST
   */
  read(
    maxBytes: number,
    onFile: (part: FilePart, before: UploadFields) => Promise<void>,
  ): Promise<UploadFields>
}

/** Room for one file. */
export interface UploadSlot {
  /** @throws PAYLOAD_TOO_LARGE, FILE_TYPE_REFUSED, STORAGE_QUOTA_EXCEEDED, BAD_REQUEST (`file`) */
  receive(part: FilePart, rule: UploadRule): Promise<UploadedFile>
  /** Ends the call: room and bytes are given back unless its transaction claimed the file. Does not reject. */
  release(succeeded: boolean): Promise<void>
}

/** Takes files in. Supplied by the files module. */
export interface UploadIntake {
  /** The most one file may have. */
  readonly maxFileBytes: number
  /**
   * Holds room for a file of `actor` before a byte of it is read.
   * @throws STORAGE_QUOTA_EXCEEDED, OVERLOADED
   */
  open(
    actor: Actor,
    wanted: { readonly maxBytes: number; readonly declaredBytes: number | undefined },
  ): Promise<UploadSlot>
}
