import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Contract } from './contract.ts'

const FOLDER = path.join(import.meta.dirname, '../../../../client-sdk')
const CONTRACT = path.join(FOLDER, 'contract.json')
const CHANGELOG = path.join(FOLDER, 'CHANGELOG.md')

/** The version in `client-sdk/package.json`: that of the next release, or of the last one. */
export function sdkVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(path.join(FOLDER, 'package.json'), 'utf8'))
  const version: unknown =
    typeof manifest === 'object' && manifest !== null && Reflect.get(manifest, 'version')
  if (typeof version !== 'string') throw new Error('client-sdk/package.json has no version.')
  return version
}

/** The last released contract; undefined before the first release. */
export function releasedContract(): Contract | undefined {
  if (!existsSync(CONTRACT)) return undefined
  const contract: unknown = JSON.parse(readFileSync(CONTRACT, 'utf8'))
  if (isContract(contract)) return contract
  throw new Error('client-sdk/contract.json is not whole. Take it from the commit of the last release.')
}

/** Only {@link writeContract} writes it, so its outline tells enough. */
function isContract(value: unknown): value is Contract {
  const keys = ['version', 'releases', 'errors', 'types', 'procedures']
  return typeof value === 'object' && value !== null && keys.every((key) => key in value)
}

/** Writes the released contract, a keyword to a line, so that a review shows what changed. */
export function writeContract(contract: Contract): void {
  writeFileSync(CONTRACT, `${JSON.stringify(contract, undefined, 1)}\n`)
}

/** The changelog as it is; undefined when there is none. */
export function readChangelog(): string | undefined {
  return existsSync(CHANGELOG) ? readFileSync(CHANGELOG, 'utf8') : undefined
}

/** Writes the changelog. */
export function writeChangelog(text: string): void {
  writeFileSync(CHANGELOG, text)
}
