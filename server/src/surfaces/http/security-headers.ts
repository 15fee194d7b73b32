import helmet from 'helmet'
import type { Step } from './fixed-headers.ts'

/** Headers of an API that shows no pages: nothing may be framed, sniffed, cached or run. */
export function securityHeaders(): Step[] {
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
