import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy'
import type { Request } from 'express'
import { type AppError, fail, invalid } from '../../contract/errors.ts'
import type { FilePart, UploadFields, UploadSource } from '../../contract/upload.ts'

/** Limits of an upload's body. */
export interface MultipartLimits {
  /** The longest the whole may take to arrive. */
  readonly timeoutMs: number
}

/** What the parts round the file may take, all together. */
export const ENVELOPE_BYTES = 65_536
const MAX_FIELDS = 32
const MAX_FIELD_BYTES = 16_384
const MAX_HEADER_BYTES = 16_384
const MAX_HEADERS = 16
/** Nothing comes for so long, although we would take it. */
const SILENCE_MS = 20_000
const FIELD_NAME = /^[A-Za-z][A-Za-z\d]{0,63}$/
const FILE_FIELD = 'file'

type OnFile = Parameters<UploadSource['read']>[1]

/** Whether a request's body is a form with files. */
export function isMultipart(req: Request): boolean {
  return /^multipart\/form-data\s*;/i.test(req.get('content-type') ?? '')
}

/** The multipart/form-data body of `req` (RFC 7578), to be read once. */
export function multipartSource(req: Request, limits: MultipartLimits): UploadSource {
  const length = req.get('content-length')
  return {
    declaredBytes: length === undefined ? undefined : Number(length),
    read: (maxBytes, onFile) => readForm(req, { ...limits, maxBytes: maxBytes + ENVELOPE_BYTES }, onFile),
  }
}

interface FormLimits extends MultipartLimits {
  /** Of the whole body. */
  readonly maxBytes: number
}

/** The first failure ends the reading; what is left of the body stays unread. */
function readForm(req: Request, limits: FormLimits, onFile: OnFile): Promise<UploadFields> {
  const parser = parserOf(req)
  const fields = new Map<string, string>()
  let current: BusboyFileStream | undefined
  let reception: Promise<void> = Promise.resolve()
  let bytes = 0

  return new Promise((resolve, reject) => {
    let over = false
    const finish = (settle: () => void): void => {
      if (over) return
      over = true
      watch.stop()
      req.off('data', count)
      req.off('end', watch.stop)
      req.off('close', onClose)
      req.unpipe(parser)
      // The reception has to let go of its file before anybody is told.
      void reception.then(settle, settle)
    }
    const refuse = (error: unknown): void => {
      const reason = error instanceof Error ? error : new Error(String(error))
      finish(() => reject(reason))
      current?.destroy(reason)
    }
    const onClose = (): void => {
      if (!req.readableEnded) refuse(fail('CLIENT_CLOSED_REQUEST'))
    }
    const count = (chunk: Buffer): void => {
      watch.seen()
      bytes += chunk.length
      if (bytes > limits.maxBytes) refuse(fail('PAYLOAD_TOO_LARGE'))
    }
    const watch = startWatch(limits.timeoutMs, () => parser.writableNeedDrain, refuse)

    parser.on('file', (name, stream, filename, _encoding, type) => {
      // The failure is told by whoever reads it, or by the parser.
      stream.on('error', () => undefined)
      // The parser goes on to the end of its chunk, whatever was refused before.
      if (over) {
        stream.resume()
        return
      }
      if (name !== FILE_FIELD || current !== undefined) {
        stream.resume()
        refuse(current === undefined ? strangeField(name) : twoFiles())
        return
      }
      current = stream
      const part: FilePart = { name: filename, type, body: stream }
      reception = onFile(part, Object.fromEntries(fields)).catch(refuse)
    })
    parser.on('field', (name, value, _nameCut, isCut) => {
      if (name === undefined || !FIELD_NAME.test(name) || name === FILE_FIELD) refuse(strangeField(name))
      else if (fields.has(name)) refuse(invalid(name, 'Send this field once.'))
      else if (isCut) refuse(invalid(name, `A field has at most ${MAX_FIELD_BYTES} bytes.`))
      else fields.set(name, value)
    })
    parser.on('filesLimit', () => refuse(twoFiles()))
    parser.on('fieldsLimit', () => refuse(malformed('There are too many fields.')))
    parser.on('partsLimit', () => refuse(malformed('There are too many parts.')))
    parser.on('error', (cause) => refuse(malformed('The multipart body is malformed or cut off.', cause)))
    parser.on('finish', () => {
      reception.then(() => finish(() => resolve(Object.fromEntries(fields))), refuse)
    })
    req.on('data', count)
    // From here on it is the storage that takes its time.
    req.on('end', watch.stop)
    req.on('close', onClose)
    // Said by `close` as well.
    req.on('error', () => undefined)
    // The caller may have gone while it was found out who it is; `close` does not come twice.
    if (req.destroyed) onClose()
    else req.pipe(parser)
  })
}

function parserOf(req: Request): BusboyInstance {
  try {
    return new Busboy({
      headers: { ...req.headers, 'content-type': req.get('content-type') ?? '' },
      isPartAFile: (name, _type, filename) => filename !== undefined || name === FILE_FIELD,
      limits: {
        fields: MAX_FIELDS,
        fieldSize: MAX_FIELD_BYTES,
        files: 1,
        parts: MAX_FIELDS + 1,
        headerPairs: MAX_HEADERS,
        headerSize: MAX_HEADER_BYTES,
      },
    })
  } catch (cause) {
    throw malformed('The Content-Type names no usable boundary.', cause)
  }
}

interface Watch {
  /** Something came. */
  seen(): void
  readonly stop: () => void
}

/** Ends bodies that take too long, or on which nothing comes while `isBusy` says that we are not the reason. */
function startWatch(timeoutMs: number, isBusy: () => boolean, refuse: (error: AppError) => void): Watch {
  const late = (): void => refuse(fail('TIMEOUT', { message: 'The body took too long to arrive.' }))
  const whole = setTimeout(late, timeoutMs)
  const silence = setTimeout(() => (isBusy() ? silence.refresh() : late()), SILENCE_MS)
  return {
    seen: () => void silence.refresh(),
    stop() {
      clearTimeout(whole)
      clearTimeout(silence)
    },
  }
}

function malformed(message: string, cause?: unknown): AppError {
  return fail('BAD_REQUEST', { message, cause })
}

function twoFiles(): AppError {
  return invalid(FILE_FIELD, 'Send one file.')
}

function strangeField(name: string | undefined): AppError {
  return invalid((name ?? '').toWellFormed().slice(0, 60), 'There is no such field.')
}
