import type { Request, RequestHandler } from 'express'
import { type AppError, fail } from '../../contract/errors.ts'
import { refuseAndClose } from './answer-error.ts'
import { extendBodyTime } from './body-time.ts'
import { ENVELOPE_BYTES, isMultipart } from './multipart.ts'
import { handle } from './request.ts'

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
 */
export function readBody(maxBytes: number, uploads?: UploadBodies): RequestHandler {
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
      const body = await collect(req, maxBytes)
      if (body === undefined) {
        refuseAndClose(res, tooLarge(maxBytes))
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

/** The body's text, or undefined once it passes the cap; the rest is then left unread. */
function collect(req: Request, maxBytes: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBytes) {
        chunks.push(chunk)
        return
      }
      req.off('data', onData)
      req.pause()
      resolve(undefined)
    }
    req.on('data', onData)
    req.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    req.once('error', reject)
    req.once('close', () => reject(fail('CLIENT_CLOSED_REQUEST')))
  })
}
