import type { Request, RequestHandler } from 'express'
import { type AppError, fail, failBecause } from '../../contract/errors.ts'
import { refuseAndClose } from './answer-error.ts'
import { extendBodyTime } from './body-time.ts'
import { ENVELOPE_BYTES, isMultipart } from './multipart.ts'
import { handle } from './request.ts'

/** Bodies up to this size are read however many there are: nearly all calls are smaller. */
const SMALL_BYTES = 65_536
/** What larger bodies may take, beyond that, all together. */
const ROOM_BYTES = 67_108_864
const ROOM_RETRY_MS = 1_000

const ANSWER_MS = 10_000

/** Bodies that are not read here. */
export interface UploadBodies {
  isUpload(req: Request): boolean
  /** The most a file may have. */
  readonly maxBytes: number
  readonly timeoutMs: number
}

/**
 * Reads the body of every request, on every path, under one cap, before anything else looks at it: tRPC sets no limit
 * of its own and leaves the body of a mutation without input unread. `req.body` is then its text. What `uploads` says is
 * an upload is left unread, for its surface to stream once the caller is let in.
 *
 * Large bodies share `room` bytes while they come in. Otherwise whoever opens all connections there are and sends nearly
 * a body on each, slowly, could have all memory without ever being asked who they are.
 */
export function readBody(
  maxBytes: number,
  uploads?: UploadBodies,
  room = Math.max(ROOM_BYTES, 8 * maxBytes),
): RequestHandler {
  let taken = 0
  const take = (bytes: number): boolean => {
    if (bytes > 0 && taken + bytes > room) return false
    taken += bytes
    return true
  }
  return (req, res, next) => {
    const streamed = uploads !== undefined && isMultipart(req) && uploads.isUpload(req)
    const refusal = refusalByHeaders(req, streamed ? uploads.maxBytes + ENVELOPE_BYTES : maxBytes)
    if (refusal !== undefined) {
      refuseAndClose(res, refusal)
      return
    }
    if (streamed) {
      // The surface says so first.
      extendBodyTime(req, uploads.timeoutMs + ANSWER_MS)
      next()
      return
    }
    if (req.method === 'GET' || req.method === 'HEAD' || req.method === 'OPTIONS') {
      next()
      return
    }
    handle(async () => {
      const body = await collect(req, maxBytes, take)
      if (typeof body !== 'string') {
        refuseAndClose(res, body)
        return
      }
      req.body = body
      next()
    })(req, res, next)
  }
}

function refusalByHeaders(req: Request, maxBytes: number): AppError | undefined {
  const encoding = req.get('content-encoding')
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return fail('UNSUPPORTED_MEDIA_TYPE', { message: 'Send the body without Content-Encoding.' })
  }
  return Number(req.get('content-length') ?? 0) > maxBytes ? tooLarge(maxBytes) : undefined
}

function tooLarge(maxBytes: number): AppError {
  return fail('PAYLOAD_TOO_LARGE', { message: `A request body has at most ${maxBytes} bytes.` })
}

/**
 * The body's text, or why it is refused; the rest is then left unread.
 * @param take takes bytes for what is beyond a small body, or gives them back; false when there are none
 */
function collect(
  req: Request,
  maxBytes: number,
  take: (bytes: number) => boolean,
): Promise<string | AppError> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    let taken = 0
    const refusal = (): AppError | undefined => {
      if (size > maxBytes) return tooLarge(maxBytes)
      const more = Math.max(0, size - SMALL_BYTES) - taken
      if (!take(more)) return failBecause('OVERLOADED', { retryAfterMs: ROOM_RETRY_MS })
      taken += more
      return undefined
    }
    let finished = false
    const finish = (settle: () => void): void => {
      if (finished) return
      finished = true
      req.off('data', onData)
      take(-taken)
      taken = 0
      settle()
    }
    const onData = (chunk: Buffer) => {
      size += chunk.length
      const refused = refusal()
      if (refused === undefined) {
        chunks.push(chunk)
        return
      }
      chunks.length = 0
      req.pause()
      finish(() => resolve(refused))
    }
    req.on('data', onData)
    req.once('end', () => finish(() => resolve(Buffer.concat(chunks).toString('utf8'))))
    req.once('error', (error) => finish(() => reject(error)))
    req.once('close', () => finish(() => reject(fail('CLIENT_CLOSED_REQUEST'))))
  })
}
