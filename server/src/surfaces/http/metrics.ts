import { createHash, timingSafeEqual } from 'node:crypto'
import { Router } from 'express'
import { fail } from '../../contract/errors.ts'
import { answerError } from './answer-error.ts'
import { handle } from './request.ts'

/** What the page shows, and who may see it. */
export interface MetricsOptions {
  readonly token: string
  readonly text: () => Promise<string>
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * `GET /metrics` for Prometheus, with the token as bearer (`authorization: credentials:` in its configuration); 401
 * without. Mounted only where a token is configured, so that everywhere else it is 404 like any unknown address.
 */
export function metricsRoute({ token, text }: MetricsOptions): Router {
  const routes = Router({ caseSensitive: true, strict: true })
  const expected = digest(token)
  routes.get(
    '/metrics',
    handle(async (req, res) => {
      const given = /^Bearer (.{1,1000})$/i.exec(req.get('authorization') ?? '')?.[1] ?? ''
      if (!timingSafeEqual(digest(given), expected)) {
        answerError(res, fail('UNAUTHORIZED', { message: 'Send the metrics token as a bearer token.' }))
        return
      }
      res
        .status(200)
        .type(CONTENT_TYPE)
        .send(await text())
    }),
  )
  return routes
}

/** Digests are of one length, so comparing them tells nothing of the token's. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
