import type { Request, Response } from 'express'
import type { CookieJar } from '../../contract/call-context.ts'
import { failBecause } from '../../contract/errors.ts'

/** What changes nothing, wherever it comes from (RFC 9110, §9.2.1). */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** How cookie mode is set up; see docs/security.md. */
export interface CookieOptions {
  /** Origins whose pages may use the cookie: the server's own, and those of browser applications on the same site. */
  readonly origins: readonly string[]
  /** Whether the server is reached over https; decides `Secure` and the `__Host-` prefix. */
  readonly secure: boolean
}

/**
 * The cookie jar of a request that asks for cookie mode (`X-Plinth-Cookies: 1`) or brings our cookie; undefined for all
 * others. A page of a strange origin must not be able to make a logged-in browser refresh or log out.
 * @throws FORBIDDEN (ORIGIN_REFUSED)
 */
export function cookieJar(req: Request, res: Response, options: CookieOptions): CookieJar | undefined {
  const name = options.secure ? '__Host-plinth-refresh' : 'plinth-refresh'
  const refreshToken = readCookie(req.get('cookie'), name)
  const requested = req.get('x-plinth-cookies') === '1'
  if (refreshToken === undefined && !requested) return undefined
  if (!SAFE_METHODS.has(req.method) && !sameSite(req, options.origins)) throw failBecause('ORIGIN_REFUSED')
  const base = { httpOnly: true, secure: options.secure, sameSite: 'strict', path: '/' } as const
  return {
    refreshToken,
    requested,
    setRefreshToken: (token, maxAgeSeconds) =>
      void res.cookie(name, token, { ...base, maxAge: maxAgeSeconds * 1_000 }),
    clearRefreshToken: () => void res.clearCookie(name, base),
  }
}

function readCookie(header: string | undefined, name: string): string | undefined {
  const found = header
    ?.split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${name}=`))
  return found?.slice(name.length + 1)
}

/** `Origin` decides where there is one (RFC 6454), else Fetch Metadata; programs send neither. */
function sameSite(req: Request, origins: readonly string[]): boolean {
  const origin = req.get('origin')
  if (origin !== undefined) return origins.includes(origin)
  const site = req.get('sec-fetch-site')
  return site === undefined || site === 'same-origin' || site === 'none'
}
