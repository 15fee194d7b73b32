import type { IncomingMessage } from 'node:http'

/** On a request: its body has so many milliseconds from now. */
const EXTEND = Symbol('extend')

/**
 * Ends the connection of a request whose body does not arrive in time. Node has one limit for all requests; uploads
 * need more time than that, and nothing else should have it.
 */
export function limitBodyTime(req: IncomingMessage, ms: number): void {
  if (req.headers['content-length'] === undefined && req.headers['transfer-encoding'] === undefined) return
  let deadline = cutAfter(req, ms)
  const clear = (): void => clearTimeout(deadline)
  req.on(EXTEND, (longer: number) => {
    clear()
    deadline = cutAfter(req, longer)
  })
  req.once('end', clear)
  req.once('close', clear)
}

/** Gives the body of `req` so many milliseconds from now. */
export function extendBodyTime(req: IncomingMessage, ms: number): void {
  req.emit(EXTEND, ms)
}

function cutAfter(req: IncomingMessage, ms: number): NodeJS.Timeout {
  const timer = setTimeout(() => {
    // What came while the loop was busy is read first.
    setImmediate(() => {
      if (!req.complete) req.socket.destroy()
    })
  }, ms)
  return timer.unref()
}
