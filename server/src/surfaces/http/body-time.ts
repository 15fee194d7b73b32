import type { IncomingMessage } from 'node:http'

const deadlines = new WeakMap<IncomingMessage, NodeJS.Timeout>()

/**
 * Ends the connection of a request whose body does not arrive in time. Node has one limit for all requests; uploads
 * need more time than that, and nothing else should have it.
 */
export function limitBodyTime(req: IncomingMessage, ms: number): void {
  if (req.headers['content-length'] === undefined && req.headers['transfer-encoding'] === undefined) return
  setDeadline(req, ms)
  const clear = (): void => clearTimeout(deadlines.get(req))
  req.once('end', clear)
  req.once('close', clear)
}

/** Gives the body of `req` so many milliseconds from now. */
export function extendBodyTime(req: IncomingMessage, ms: number): void {
  if (deadlines.has(req)) setDeadline(req, ms)
}

function setDeadline(req: IncomingMessage, ms: number): void {
  clearTimeout(deadlines.get(req))
  const timer = setTimeout(() => {
    // What came while the loop was busy is read first.
    setImmediate(() => {
      if (!req.complete) req.socket.destroy()
    })
  }, ms)
  timer.unref()
  deadlines.set(req, timer)
}
