import ipaddr from 'ipaddr.js'

/** What the internet routes to hosts (RFC 4291 and the IANA registry); every other IPv6 address is special. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * Whether `address` (IPv4 or IPv6, as the operating system writes them) is one of the public internet: not of this
 * machine, a private or carrier's network, a link (cloud metadata is there), a group, a test range or a translation of
 * such into IPv6. What cannot be read is not public.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed instanceof ipaddr.IPv6) {
    return parsed.match(GLOBAL_UNICAST) && parsed.range() === 'unicast'
  }
  return parsed.range() === 'unicast'
}
