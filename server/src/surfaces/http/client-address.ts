import { isIPv4, isIPv6 } from 'node:net'
import type { Request } from 'express'

/**
 * The client's address: the socket's, or what a trusted proxy (config `trustedProxies`) says of it. An IPv4 address
 * mapped into IPv6 is written as IPv4, so that both spellings are one client.
 */
export function clientAddress(req: Request): string | undefined {
  const address = req.ip
  if (address === undefined) return undefined
  const mapped = address.toLowerCase().startsWith('::ffff:') ? address.slice(7) : ''
  if (isIPv4(mapped)) return mapped
  return isIPv4(address) || isIPv6(address) ? address : undefined
}
