import { isIP } from 'node:net'
import { isPublicAddress } from './public-address.ts'

/** What addresses that users give may be. */
export interface UserUrlRules {
  /** Refuses `http:` but for {@link privateHosts}. */
  readonly httpsOnly: boolean
  /** Names and addresses that are allowed although they are not on the public internet. */
  readonly privateHosts: readonly string[]
}

const MAX_LENGTH = 2_000
/** Names that no public resolver knows (RFC 6761, RFC 6762, RFC 8375, RFC 9476 and what clusters use). */
const PRIVATE_NAME = /(^|\.)(localhost|local|internal|lan|home\.arpa|svc|localdomain|test|invalid|onion)$/

/** The host of an address as it is looked up: without brackets and final dot. */
export function hostOf({ hostname }: URL): string {
  return hostname.replaceAll(/^\[|\]$/g, '').replace(/\.$/, '')
}

/**
 * Why an address that a user gave is not used, in words for this user; undefined when nothing is wrong with how it is
 * written. Where its name leads is only known when it is connected to. `URL` has put numbers such as `0x7f.1` and
 * `2130706433` in the usual form before they are looked at.
 */
export function problemOfUserUrl(text: string, rules: UserUrlRules): string | undefined {
  if (text.length > MAX_LENGTH) return `Must have at most ${MAX_LENGTH} characters.`
  if (!URL.canParse(text)) return 'Must be an address such as https://models.example.com/v1.'
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'Must start with https://.'
  if (url.username !== '' || url.password !== '') return 'Must not hold a user name or a password.'
  if (url.search !== '' || url.hash !== '') return 'Must end with its path: without ? and #.'
  const host = hostOf(url)
  if (rules.privateHosts.includes(host)) return undefined
  if (rules.httpsOnly && url.protocol !== 'https:') return 'Must start with https://.'
  return isPublicHost(host) ? undefined : 'Must be on the public internet.'
}

function isPublicHost(host: string): boolean {
  if (isIP(host) !== 0) return isPublicAddress(host)
  return host.includes('.') && !PRIVATE_NAME.test(host)
}
