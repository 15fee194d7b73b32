import type { Request, Response } from 'express'

/** A client that is still sending sees the answer only if the connection stays open for a moment. */
const LINGER_MS = 2_000
const LINGER_BYTES = 16_777_216

/**
 * Ends an answer whose request may still be coming in: closing at once would reset the connection, and with it the
 * answer. The rest is taken in and forgotten, for two seconds or 16 MiB; then the connection closes.
 */
export function endEarly(req: Request, res: Response, text: string): void {
  if (req.complete || req.destroyed) {
    res.end(text)
    return
  }
  res.setHeader('Connection', 'close')
  res.setHeader('Content-Length', Buffer.byteLength(text))
  res.write(text)
  let bytes = 0
  const finish = (): void => {
    clearTimeout(timer)
    res.end()
  }
  const timer = setTimeout(finish, LINGER_MS)
  req.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > LINGER_BYTES) req.pause()
  })
  req.once('end', finish)
  res.once('close', () => clearTimeout(timer))
  req.resume()
}
