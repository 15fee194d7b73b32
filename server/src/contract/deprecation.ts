import type { Policy } from './policy.ts'

/** A procedure that goes away: still served, with a replacement to go over to. */
export interface Deprecation {
  /** The day it was deprecated, as an ISO date: `2026-11-21`. */
  readonly since: string
  /** The procedure to call instead; checked at start-up to be there. */
  readonly use: string
  /** The day from which it may be gone, as an ISO date. Left out while nobody has decided. */
  readonly sunset?: string
}

/** What of a procedure tells whether it is deprecated. */
interface Deprecatable {
  readonly path: string
  readonly policy: Pick<Policy, 'deprecated'>
}

/**
 * The headers by which an answer says that its operation goes away: `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and,
 * when the address of the replacement is given, `Link` with `rel="successor-version"` (RFC 5829). Empty for procedures
 * that stay.
 */
export function deprecationHeaders(
  { policy }: { readonly policy: Pick<Policy, 'deprecated'> },
  successorUrl?: string,
): Readonly<Record<string, string>> {
  const { deprecated } = policy
  if (deprecated === undefined) return {}
  const { since, sunset } = deprecated
  return {
    Deprecation: `@${Date.parse(since) / 1_000}`,
    ...(sunset === undefined ? {} : { Sunset: new Date(sunset).toUTCString() }),
    ...(successorUrl === undefined ? {} : { Link: `<${successorUrl}>; rel="successor-version"` }),
  }
}

/**
 * The same in a sentence, for help, descriptions and documentation.
 *
 * @param call how the replacement is written where the sentence stands; its path in backticks unless told otherwise
 */
export function deprecationText(deprecated: Deprecation, call?: (path: string) => string): string {
  return `Deprecated ${sinceWhen(deprecated, call)}.`
}

/** `since 2026-11-21, gone from 2027-06-30: use tasks.get`, for what has the word already. */
export function sinceWhen(
  { since, use, sunset }: Deprecation,
  call: (path: string) => string = (path) => `\`${path}\``,
): string {
  return `since ${since}${sunset === undefined ? '' : `, gone from ${sunset}`}: use ${call(use)}`
}

/** @throws Error at start-up when a deprecation names a day that is none or a replacement that is not there to stay */
export function requireSoundDeprecations(procedures: readonly Deprecatable[]): void {
  const byPath = new Map(procedures.map((procedure) => [procedure.path, procedure]))
  for (const { path, policy } of procedures) {
    const { deprecated } = policy
    if (deprecated === undefined) continue
    const problem = problemOf(deprecated, byPath.get(deprecated.use))
    if (problem !== undefined) throw new Error(`${path}: policy.deprecated.${problem}`)
  }
}

function problemOf(
  { since, use, sunset }: Deprecation,
  replacement: Deprecatable | undefined,
): string | undefined {
  if (!isIsoDate(since)) return `since is "${since}"; give a day such as 2026-11-21`
  if (sunset !== undefined && !isIsoDate(sunset))
    return `sunset is "${sunset}"; give a day such as 2026-11-21`
  if (sunset !== undefined && sunset <= since) return `sunset is ${sunset}, which is not after ${since}`
  if (replacement === undefined) return `use names ${use}, and there is no such procedure`
  if (replacement.policy.deprecated !== undefined) return `use names ${use}, which is deprecated itself`
  return undefined
}

function isIsoDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text
}
