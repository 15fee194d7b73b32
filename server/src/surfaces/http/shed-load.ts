import type { Request, RequestHandler, Response } from 'express'
import { failBecause } from '../../contract/errors.ts'
import type { LoadGuard } from '../../platform/limits/index.ts'
import type { Logger } from '../../platform/logger.ts'
import { answerError, refuseAndClose } from './answer-error.ts'

/** A body up to this size is read to its end and thrown away; the connection is worth more. */
const MAX_DISCARDED_BYTES = 65_536
const LOG_EVERY_MS = 5_000

/** How long a caller is asked to stay away: between half a second and a second and a half, so that not all return at once. */
function pause(): number {
  return Math.round(500 + Math.random() * 1_000)
}

/** Both gates of {@link shedLoad}. */
export interface LoadGates {
  /** Before the body: refuses while the process has as much to do as it can. */
  readonly beforeBody: RequestHandler
  /** After the body, so that slow senders take no place: takes one for each call until the answer begins. */
  readonly beforeWork: RequestHandler
}

/**
 * Answers 503 OVERLOADED with `Retry-After` instead of taking on work that everybody would wait for. Streams and
 * downloads give their place back when they begin; they have caps of their own.
 */
export function shedLoad(guard: LoadGuard, logger: Pick<Logger, 'warn'>): LoadGates {
  let logged = -LOG_EVERY_MS
  const refuse = (req: Request, res: Response): void => {
    guard.noteRefusal()
    if (performance.now() - logged > LOG_EVERY_MS) {
      logged = performance.now()
      logger.warn('overloaded: refusing calls', { refused: guard.refused() })
    }
    const error = failBecause('OVERLOADED', { retryAfterMs: pause() })
    if (isLarge(req)) refuseAndClose(res, error)
    else answerError(res, error)
  }
  return {
    beforeBody(req, res, next) {
      if (guard.isBusy()) refuse(req, res)
      else next()
    },
    beforeWork(req, res, next) {
      const leave = guard.enter(callsIn(req))
      if (leave === undefined) return refuse(req, res)
      res.once('close', leave)
      onHead(res, leave)
      next()
    },
  }
}

function isLarge(req: Request): boolean {
  if (req.body !== undefined) return false
  return (
    req.headers['transfer-encoding'] !== undefined ||
    Number(req.headers['content-length'] ?? 0) > MAX_DISCARDED_BYTES
  )
}

/** The calls of a batch are separated by commas. */
function callsIn(req: Request): number {
  return req.path.split(',', 11).length
}

function onHead(res: Response, listener: () => void): void {
  const writeHead = res.writeHead.bind(res)
  const told = (...args: Parameters<Response['writeHead']>) => {
    listener()
    return writeHead(...args)
  }
  Object.assign(res, { writeHead: told })
}
