import type { RequestHandler } from 'express'
import helmet from 'helmet'

/** Headers of an API that shows no pages: nothing may be framed, sniffed, cached or run. */
export function securityHeaders(): RequestHandler[] {
  return [
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      },
      strictTransportSecurity: { maxAge: 365 * 86_400, includeSubDomains: true },
      referrerPolicy: { policy: 'no-referrer' },
    }),
    (_req, res, next) => {
      res.setHeader('Cache-Control', 'no-store')
      next()
    },
  ]
}
