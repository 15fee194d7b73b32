import { servedVersions } from './generated/served-versions.ts'

const VERSION = /^\d{1,6}\.\d{1,6}\.\d{1,6}$/

/** What `X-Plinth-Contract` says, where it is a version; anything else is as good as nothing. */
export function clientVersionIn(header: string | undefined): string | undefined {
  return header !== undefined && VERSION.test(header) ? header : undefined
}

/** The versions a server knows: its own, the oldest whose clients it serves in full, and all that were released. */
export interface ServedVersions {
  readonly version: string
  readonly since: string
  readonly releases: readonly string[]
}

/**
 * What to tell a client about its version; undefined when all is well. Older ones hear it once something they rely on
 * may be gone; newer ones at once, because they may call what is not there yet, patches excepted from 1.0 on.
 */
export function versionNotice(
  client: string | undefined,
  served: ServedVersions = servedVersions,
): string | undefined {
  if (client === undefined) return undefined
  const { version, since } = served
  const install = `npm i @plinth/client@${version}`
  if (compare(client, since) < 0)
    return `This client is @plinth/client ${client}; the server is at ${version} and serves clients from ${since} on in full. Run "${install}".`
  if (compare(client, version) > 0 && !isPatchOf(client, version))
    return `This client is @plinth/client ${client}, and the server only at ${version}: what was added since is not there. Update the server, or run "${install}".`
  return undefined
}

/** A client's version as a metric's attribute, of which there are few: a release, `none` or `other`. */
export function versionLabel(
  client: string | undefined,
  { releases }: Pick<ServedVersions, 'releases'> = servedVersions,
): string {
  if (client === undefined) return 'none'
  return releases.includes(client) ? client : 'other'
}

/** The version of the contract this server has. */
export const contractVersion = servedVersions.version

function compare(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true })
}

function isPatchOf(one: string, other: string): boolean {
  const [major, minor] = one.split('.')
  return major !== '0' && other.startsWith(`${major}.${minor}.`)
}
