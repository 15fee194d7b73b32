import { isIPv4, isIPv6 } from 'node:net'
import type { Request } from 'express'

/**
 * The client's address: the socket's, or what a trusted proxy (config `trustedProxies`) says of it. An IPv4 address
 * mapped into IPv6 is written as IPv4, so that both spellings are one client.
 */
export function clientAddress(req: Request): string | undefined {
  const address = req.ip
  if (address === undefined) return undefined
  const bare = address.toLowerCase().startsWith('::ffff:') ? address.slice(7) : address
  return isIPv4(bare) || isIPv6(bare) ? bare : undefined
}
