/** Message types of the PostgreSQL protocol (version 3, §55.7) that this front end has to know. */
export const FRONTEND = { parse: 0x50, bind: 0x42, describe: 0x44, close: 0x43, terminate: 0x58 } as const
/** The types after which the database answers: Query, Sync, Flush, CopyDone, CopyFail. */
const ENDS_UNIT = new Set([0x51, 0x53, 0x48, 0x63, 0x66])
const READY_FOR_QUERY = 0x5a

export const SSL_REQUEST = 80877103
export const GSS_REQUEST = 80877104
export const CANCEL_REQUEST = 80877102

/** One message as it came: its type and all its bytes, type and length included. */
export interface Frame {
  readonly type: number
  readonly bytes: Buffer
}

/** True for a message after which the client waits for an answer, so that what came before can be run. */
export function endsUnit(frame: Frame): boolean {
  return ENDS_UNIT.has(frame.type)
}

/** Takes one complete message off the front of `buffer`; undefined while it is incomplete. */
export function takeFrame(buffer: Buffer): { frame: Frame; rest: Buffer } | undefined {
  const type = buffer[0]
  if (type === undefined || buffer.length < 5) return undefined
  const end = 1 + buffer.readUInt32BE(1)
  if (end < 5) throw new Error('Malformed message: its length is too small.')
  if (buffer.length < end) return undefined
  return { frame: { type, bytes: buffer.subarray(0, end) }, rest: buffer.subarray(end) }
}

/** Takes the untyped first message (start-up, TLS, cancel) off the front of `buffer`, with its request code. */
export function takeStartup(buffer: Buffer): { code: number; bytes: Buffer; rest: Buffer } | undefined {
  if (buffer.length < 8) return undefined
  const length = buffer.readUInt32BE(0)
  if (length < 8 || length > 10_000) throw new Error('Malformed start-up message.')
  if (buffer.length < length) return undefined
  return { code: buffer.readUInt32BE(4), bytes: buffer.subarray(0, length), rest: buffer.subarray(length) }
}

/** The transaction status the last ReadyForQuery in `answer` tells: I idle, T in a transaction, E in a failed one. */
export function statusOf(answer: Uint8Array): 'I' | 'T' | 'E' | undefined {
  const at = answer.length - 6
  if (at < 0 || answer[at] !== READY_FOR_QUERY || answer[at + 4] !== 5) return undefined
  const status = answer[at + 5]
  return status === 0x49 ? 'I' : status === 0x54 ? 'T' : 'E'
}

/** A message of `type` around `body`. */
export function message(type: number, body: Buffer): Buffer {
  const head = Buffer.allocUnsafe(5)
  head[0] = type
  head.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** An ErrorResponse with SQLSTATE `code`; FATAL says that the connection ends with it. */
export function errorResponse(severity: 'ERROR' | 'FATAL', code: string, text: string): Buffer {
  const fields = `S${severity}\0V${severity}\0C${code}\0M${text}\0\0`
  return message(0x45, Buffer.from(fields))
}
