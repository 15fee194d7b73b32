import { type Difference, isBreaking } from './difference.ts'

/** How far a version is raised. */
export type Step = 'major' | 'minor' | 'patch'

const VERSION = /^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})$/

/** A version as numbers. @throws Error for what is not `major.minor.patch` */
function parseVersion(version: string): [number, number, number] {
  const [, major, minor, patch] = VERSION.exec(version) ?? []
  if (major === undefined) throw new Error(`"${version}" is no version; give one such as 1.4.0`)
  return [Number(major), Number(minor), Number(patch)]
}

/** Below 0 when `one` is older than `other`. */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [parseVersion(one), parseVersion(other)]
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
}

/**
 * The least step that says what changed, by https://semver.org: breaking is major from 1.0 on and minor before; anything
 * new is minor from 1.0 on and patch before.
 */
export function neededStep(version: string, differences: readonly Difference[]): Step {
  const isEarly = parseVersion(version)[0] === 0
  if (isBreaking(differences)) return isEarly ? 'minor' : 'major'
  return differences.length > 0 && !isEarly ? 'minor' : 'patch'
}

/** The version after `version` by one step. */
export function raised(version: string, step: Step): string {
  const [major, minor, patch] = parseVersion(version)
  if (step === 'major') return `${major + 1}.0.0`
  return step === 'minor' ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`
}

/** Whether going from `was` to `is` says at least what the differences ask for. */
export function saysEnough(was: string, is: string, differences: readonly Difference[]): boolean {
  return compareVersions(is, raised(was, neededStep(was, differences))) >= 0
}
