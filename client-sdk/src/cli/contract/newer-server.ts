import type { Contract } from './contract.ts'
import { updateWith } from './update-with.ts'

/** What to tell somebody whose command is older than the server and misses something; undefined when it does not. */
export function newerServerNotice(contract: Contract, ownVersion: string): string | undefined {
  if (contract.unknown.length === 0) return undefined
  const newer = isNewer(contract.version, ownVersion)
  const what = contract.unknown.slice(0, 3).join(', ')
  const more = contract.unknown.length > 3 ? ` and ${contract.unknown.length - 3} more` : ''
  const update = newer ? updateWith(contract.version) : ''
  return `The server (${contract.version}) uses something that this command (${ownVersion}) does not know: ${what}${more}. All else works.${update}`
}

function isNewer(version: string, than: string): boolean {
  const [one, other] = [numbersOf(version), numbersOf(than)]
  for (let index = 0; index < 3; index += 1) {
    const difference = (one[index] ?? 0) - (other[index] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return false
}

function numbersOf(version: string): number[] {
  return (version.split(/[-+]/)[0] ?? '').split('.').map((part) => Number.parseInt(part, 10) || 0)
}
