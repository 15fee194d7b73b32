import { isIPv4, isIPv6 } from 'node:net'
import type { Request } from 'express'
import { LRUCache } from 'lru-cache'

/** Addresses that were read, of as many clients; those of long lists of proxies are read each time. */
const MAX_KNOWN = 10_000
const MAX_LENGTH = 100

/**
 * Reads {@link clientAddress}, of each connection and `X-Forwarded-For` once: to ask each of its addresses whether it is a
 * trusted proxy's means to parse them all.
 */
export function addressReader(): (req: Request) => string | undefined {
  const known = new LRUCache<string, string>({ max: MAX_KNOWN })
  return (req) => {
    const key = `${req.socket.remoteAddress} ${req.headers['x-forwarded-for'] ?? ''}`
    const before = known.get(key)
    if (before !== undefined) return before
    const address = clientAddress(req)
    if (address !== undefined && key.length <= MAX_LENGTH) known.set(key, address)
    return address
  }
}

/**
 * The client's address: the socket's, or what a trusted proxy (config `trustedProxies`) says of it. An IPv4 address
 * mapped into IPv6 is written as IPv4, so that both spellings are one client.
 */
function clientAddress(req: Request): string | undefined {
  const address = req.ip
  if (address === undefined) return undefined
  const mapped = address.toLowerCase().startsWith('::ffff:') ? address.slice(7) : ''
  if (isIPv4(mapped)) return mapped
  return isIPv4(address) || isIPv6(address) ? address : undefined
}
