import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import { buildConnector } from 'undici'
import { isPublicAddress } from './public-address.ts'
import { type ResolveHost, resolveLocally } from './resolve-host.ts'
import { UnsafeAddressError } from './unsafe-address-error.ts'

/** What may be connected to. */
export interface ConnectRules {
  readonly privateHosts: readonly string[]
  readonly connectTimeoutMs: number
  readonly resolve: ResolveHost
}

/**
 * Connects to public addresses only. The addresses looked up are the ones connected to, so a name that leads elsewhere
 * the next time gains nothing; and one private address among them is reason enough.
 */
export function checkedConnector({ privateHosts, connectTimeoutMs, resolve }: ConnectRules) {
  const publicOnly = buildConnector({
    allowH2: false,
    timeout: connectTimeoutMs,
    lookup: lookupOf(async (host) => requirePublic(host, await resolve(host))),
  })
  const anywhere = buildConnector({
    allowH2: false,
    timeout: connectTimeoutMs,
    lookup: lookupOf(resolveLocally),
  })
  const connect: buildConnector.connector = (options, callback) => {
    const host = options.hostname.replaceAll(/^\[|\]$/g, '').replace(/\.$/, '')
    if (privateHosts.includes(host)) return anywhere(options, callback)
    // A number is never looked up.
    if (isIP(host) !== 0 && !isPublicAddress(host)) return callback(new UnsafeAddressError(host), null)
    publicOnly(options, (...result) => {
      const [error, socket] = result
      if (error === null && !isPublicAddress(socket.remoteAddress ?? '')) {
        socket.destroy()
        return callback(new UnsafeAddressError(host), null)
      }
      callback(...result)
    })
  }
  return connect
}

function requirePublic(host: string, addresses: readonly string[]): readonly string[] {
  if (!addresses.every(isPublicAddress)) throw new UnsafeAddressError(host)
  return addresses
}

function lookupOf(resolve: ResolveHost): LookupFunction {
  return (host, options, callback) => {
    resolve(host).then(
      (addresses) => {
        const found = addresses.map((address) => ({ address, family: isIP(address) }))
        const [first] = found
        if (options.all === true) callback(null, found)
        else callback(null, first?.address ?? '', first?.family)
      },
      (error: unknown) =>
        callback(error instanceof Error ? error : new Error('It could not be looked up'), []),
    )
  }
}
