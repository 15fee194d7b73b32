import { lookup, Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'

/** Addresses of a name. @throws Error with the code of the system when there are none */
export type ResolveHost = (host: string) => Promise<readonly string[]>

const TIMEOUT_MS = 2_000
const TRIES = 2

/** As programs of this machine do: also names in its own files. */
export const resolveLocally: ResolveHost = async (host) => {
  const found = await lookup(host, { all: true })
  return found.map(({ address }) => address)
}

/**
 * Asks name servers and nothing else, within a bounded time. The system's own look-up would do it in one of four threads
 * that files need too, so that slow names of users would stop everything.
 */
export function createResolver(): ResolveHost {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES })
  return async (host) => {
    if (isIP(host) !== 0) return [host]
    const [four, six] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    const found = [four, six].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    if (found.length > 0) return found
    throw four.status === 'rejected' ? four.reason : new Error(`${host} has no address`)
  }
}
