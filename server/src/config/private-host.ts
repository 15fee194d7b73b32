import { BlockList, isIP } from 'node:net'

const networks = new BlockList()
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  // Carrier-grade NAT, which private networks of clouds and overlays use.
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
] as const) {
  networks.addSubnet(network, prefix, 'ipv4')
}
networks.addAddress('::1', 'ipv6')
networks.addSubnet('fc00::', 7, 'ipv6')
networks.addSubnet('fe80::', 10, 'ipv6')

/** Names that no public resolver knows (RFC 6762, RFC 8375, RFC 9476 and what clusters use). */
const PRIVATE_NAME = /\.(localhost|local|internal|lan|home\.arpa|svc|localdomain)$/

/** Whether `url` leads to this machine. */
export function isLoopback(url: string): boolean {
  const host = hostOf(url)
  return host === '' || host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/**
 * Whether `url` leads to a private network: by an address of one, a name without a dot (a container, a service), a name
 * that only private resolvers know, or a name among `known`.
 */
export function isPrivate(url: string, known: readonly string[]): boolean {
  const host = hostOf(url)
  const version = isIP(host)
  if (version !== 0) return networks.check(host, version === 4 ? 'ipv4' : 'ipv6') || known.includes(host)
  return !host.includes('.') || PRIVATE_NAME.test(host) || known.includes(host)
}

/** Empty for a socket on this machine. */
function hostOf(url: string): string {
  const { hostname, searchParams, protocol } = new URL(url)
  // What PostgreSQL's addresses say in their parameters wins over what stands before the path.
  const named = protocol.startsWith('postgres') ? searchParams.get('host') : null
  const host = named ?? hostname
  return host.startsWith('/') ? '' : host.replaceAll(/^\[|\]$/g, '').toLowerCase()
}
