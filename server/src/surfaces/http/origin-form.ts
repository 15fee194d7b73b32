import type { IncomingMessage } from 'node:http'

const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/i

/**
 * Rewrites a target in absolute form (`GET http://host/path`), which a server has to take, as a path and a `Host` that
 * says the same (RFC 9112, §3.2.2): everything after that looks at a path knows which surface it is.
 */
export function toOriginForm(req: IncomingMessage): void {
  const [, authority, rest = ''] = ABSOLUTE.exec(req.url ?? '') ?? []
  if (authority === undefined) return
  req.headers.host = authority
  req.url = rest.startsWith('/') ? rest : `/${rest}`
}
