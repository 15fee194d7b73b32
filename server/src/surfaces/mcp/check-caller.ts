import type { Request } from 'express'
import { type AppError, fail, failBecause } from '../../contract/errors.ts'
import type { SurfaceOptions } from '../http/surface-options.ts'

const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i

/**
 * Whether the request comes from where an MCP client may be: no page of a strange origin, and no name that somebody
 * made point here (DNS rebinding). Without `ALLOWED_HOSTS` only the public address and this machine's own names are
 * taken, which is stricter than for the other surfaces: MCP servers are what such pages look for on a machine.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */
export function callerRefusal(options: SurfaceOptions, req: Request): AppError | undefined {
  const origin = req.get('origin')
  if (origin !== undefined && !options.cookies.origins.includes(origin)) {
    return failBecause('ORIGIN_REFUSED', { message: 'Pages of this origin may not call. See CORS_ORIGINS.' })
  }
  const host = req.get('host') ?? ''
  // The library makes a URL of it, which a port beyond 65535 would spoil.
  if (!URL.canParse(`http://${host}`)) return fail('BAD_REQUEST', { message: 'Host is malformed.' })
  // With ALLOWED_HOSTS the edge has looked already.
  if (options.allowedHosts !== undefined || LOOPBACK.test(host)) return undefined
  return host.toLowerCase() === new URL(options.ownOrigin).host
    ? undefined
    : fail('FORBIDDEN', { message: 'This host is not served here. Name it in ALLOWED_HOSTS.' })
}
