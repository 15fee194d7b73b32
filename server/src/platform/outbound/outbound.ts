import type { OutboundFetch, OutboundTimes } from './outbound-fetch.ts'
import { isPublicAddress } from './public-address.ts'
import { createResolver, type ResolveHost } from './resolve-host.ts'
import { UnsafeAddressError } from './unsafe-address-error.ts'
import { hostOf, problemOfUserUrl, type UserUrlRules } from './user-url.ts'

/** What the operator allows, and how long other servers may take. */
export type OutboundOptions = UserUrlRules & OutboundTimes

/** The ways out of the server. */
export interface Outbound {
  /**
   * For addresses that users gave: connects to public ones only, checked on the address connected to; follows no
   * redirect. @throws TypeError whose cause is an `UnsafeAddressError`
   */
  readonly userFetch: typeof globalThis.fetch
  /** For addresses that the operator configured: anywhere, but follows no redirect either. */
  readonly operatorFetch: typeof globalThis.fetch
  /**
   * Why an address that a user gave is not used, in words for this user; undefined when it can be tried. Names are
   * looked up, so it takes a few seconds at most; a name that cannot be looked up now is no problem of the address.
   */
  problemOf(url: string): Promise<string | undefined>
  close(): Promise<void>
}

interface Ways {
  readonly forUsers: OutboundFetch
  readonly forOperator: OutboundFetch
}

/**
 * Builds the ways out. `resolve` is for tests. Does no I/O. The HTTP client is loaded with the first call: it takes
 * 3 MB of heap, and many processes never call anybody.
 */
export function createOutbound(options: OutboundOptions, resolve: ResolveHost = createResolver()): Outbound {
  let opened: Promise<Ways> | undefined
  const ways = (): Promise<Ways> => {
    opened ??= openWays(options, resolve)
    return opened
  }
  return {
    userFetch: async (input, init) => {
      const url = String(input instanceof Request ? input.url : input)
      const problem = problemOfRequest(url, options)
      if (problem !== undefined)
        throw new TypeError(problem, { cause: new UnsafeAddressError(url.slice(0, 100)) })
      return await (await ways()).forUsers.fetch(input, init)
    },
    operatorFetch: async (input, init) => await (await ways()).forOperator.fetch(input, init),
    async problemOf(url) {
      const problem = problemOfUserUrl(url, options)
      if (problem !== undefined) return problem
      const host = hostOf(new URL(url))
      if (options.privateHosts.includes(host)) return undefined
      const addresses = await resolve(host).catch(() => [])
      return addresses.every(isPublicAddress) ? undefined : 'Must be on the public internet.'
    },
    async close() {
      const open = await opened
      await Promise.all([open?.forUsers.close(), open?.forOperator.close()])
    },
  }
}

async function openWays(options: OutboundOptions, resolve: ResolveHost): Promise<Ways> {
  const [{ createFetch }, { checkedConnector }] = await Promise.all([
    import('./outbound-fetch.ts'),
    import('./checked-connector.ts'),
  ])
  return {
    forUsers: createFetch(options, checkedConnector({ ...options, resolve })),
    forOperator: createFetch(options),
  }
}

/** What is asked below an address may have a query; everything else holds. */
function problemOfRequest(text: string, rules: UserUrlRules): string | undefined {
  if (!URL.canParse(text)) return problemOfUserUrl(text, rules)
  const url = new URL(text)
  url.search = ''
  return problemOfUserUrl(url.href, rules)
}
