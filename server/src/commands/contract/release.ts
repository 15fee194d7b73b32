import type { Contract } from './contract.ts'
import { type Difference, isBreaking } from './difference.ts'
import { compareVersions, neededStep, raised, saysEnough } from './version.ts'

/** Why a release cannot be made, and how it can; undefined when it can. */
export function refusalOf(
  was: Contract | undefined,
  version: string,
  differences: readonly Difference[],
  again: boolean,
): string | undefined {
  if (was === undefined) return undefined
  if (again && version === was.version) return undefined
  if (again) return `${was.version} was the last release, and client-sdk/package.json says ${version}.`
  if (compareVersions(version, was.version) <= 0)
    return `${was.version} is released. Raise the version in client-sdk/package.json: ${nextVersion(was, differences)} is the least.`
  return shortfallOf(was, version, differences)
}

/** Why a version says too little for what changed; undefined when it says enough, or nothing broke. */
export function shortfallOf(
  was: Contract,
  version: string,
  differences: readonly Difference[],
): string | undefined {
  if (!isBreaking(differences) && compareVersions(version, was.version) === 0) return undefined
  if (saysEnough(was.version, version, differences)) return undefined
  const kind = isBreaking(differences) ? 'This breaks callers' : 'This adds to the contract'
  return `${kind} of ${was.version}, and client-sdk/package.json says ${version}: ${nextVersion(was, differences)} is the least.`
}

function nextVersion({ version }: Contract, differences: readonly Difference[]): string {
  return raised(version, neededStep(version, differences))
}

/** The list of releases with the one of `version`, made on `date`. Made again, it replaces the last. */
export function withRelease(
  was: Contract | undefined,
  version: string,
  date: string,
  differences: readonly Difference[],
): Contract['releases'] {
  const before = (was?.releases ?? []).filter((release) => release.version !== version)
  const same = was?.releases.find((release) => release.version === version)
  const breaking = was === undefined || same?.breaking === true || isBreaking(differences)
  return [...before, { version, date, breaking }]
}

/** What a running server says of itself: its contract's version, and the oldest whose clients it serves in full. */
export function servedVersions(
  was: Contract | undefined,
  version: string,
  differences: readonly Difference[],
): { readonly version: string; readonly since: string; readonly releases: readonly string[] } {
  const releases = (was?.releases ?? []).map((release) => release.version)
  const known = releases.includes(version) ? releases : [...releases, version]
  const broken = was === undefined || (isBreaking(differences) && version !== was.version)
  const last = was?.releases.findLast(({ breaking }) => breaking)?.version
  return { version, since: broken ? version : (last ?? version), releases: known }
}
