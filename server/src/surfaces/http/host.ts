import type { RequestHandler } from 'express'
import { fail } from '../../contract/errors.ts'
import { answerError } from './answer-error.ts'

const MAX_URL_LENGTH = 8_192

/** Refuses hosts that are not ours (DNS rebinding) and URLs longer than 8 KiB. */
export function checkTarget(allowedHosts: readonly string[] | undefined): RequestHandler {
  return (req, res, next) => {
    if (req.url.length > MAX_URL_LENGTH) {
      answerError(res, fail('BAD_REQUEST', { message: `A URL has at most ${MAX_URL_LENGTH} characters.` }))
      return
    }
    if (allowedHosts !== undefined && !allowedHosts.includes(req.get('host') ?? '')) {
      answerError(res, fail('FORBIDDEN', { message: 'This host is not served here.' }))
      return
    }
    next()
  }
}
