import { quoted } from './names.ts'

/** `version.ts`: which contract the client was made for, as it tells the server with every request. */
export function printVersion(version: string): string {
  return `/** The version of this package, and of the contract it was made for. */\nexport const CONTRACT_VERSION = ${quoted(version)}\n`
}
