import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Request, Response } from 'express'
import { isKnown } from './entity-tag.ts'

const compress = promisify(gzip)

/** A text that is sent often and never changes, as bytes. */
export interface StoredText {
  readonly type: string
  readonly bytes: Buffer
  /** The hash of the bytes, for `ETag` and for names. */
  readonly hash: string
  /** The bytes compressed, from the first time on that somebody wants them so. */
  zipped(): Promise<Buffer>
}

/** @param type without the charset, which is UTF-8 */
export function storedText(type: string, content: string | Buffer): StoredText {
  const bytes = Buffer.from(content)
  let zipped: Promise<Buffer> | undefined
  return {
    type: `${type}; charset=utf-8`,
    bytes,
    hash: createHash('sha256').update(bytes).digest('base64url').slice(0, 22),
    zipped() {
      zipped ??= compress(bytes, { level: 9 })
      return zipped
    },
  }
}

/** Answers with the text, compressed for whoever takes it so, or with 304 for whoever has it. */
export async function sendText(req: Request, res: Response, text: StoredText): Promise<void> {
  const isZipped = req.acceptsEncodings('gzip') === 'gzip'
  const tag = `"${text.hash}${isZipped ? '-gzip' : ''}"`
  res.setHeader('ETag', tag)
  res.vary('Accept-Encoding')
  if (isKnown(req, tag)) {
    res.status(304).end()
    return
  }
  const body = isZipped ? await text.zipped() : text.bytes
  if (isZipped) res.setHeader('Content-Encoding', 'gzip')
  res.setHeader('Content-Type', text.type)
  res.setHeader('Content-Length', body.length)
  res.end(req.method === 'HEAD' ? undefined : body)
}
