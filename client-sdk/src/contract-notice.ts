import { callHandler } from './call-handler.ts'
import { CONTRACT_VERSION } from './generated/version.ts'
import type { ClientOptions } from './options.ts'

/** What a client has to say that is no failure of a call. */
export interface ClientWarning {
  /** This package is older than the server serves in full, or newer than the server. */
  readonly code: 'CLIENT_OUTDATED' | 'SERVER_OUTDATED'
  /** What is wrong and what to do, in a sentence or two. */
  readonly message: string
  readonly clientVersion: string
  readonly serverVersion: string
  /** What brings this package to the server's version. */
  readonly command: string
}

/** Reads what the server says of this package's version. */
export interface ContractNotice {
  read(headers: { get(name: string): string | null }): void
}

/** Servers this process has told about, so that a client made for each request does not tell each time. */
const told = new Set<string>()
const MAX_TOLD = 100

/** Tells once per client, and once per process and server, however many calls and clients there are. */
export function contractNotice({ baseUrl, onWarning = warn }: ClientOptions): ContractNotice {
  let isDone = false
  return {
    read(headers) {
      const outdated = isDone ? null : headers.get('x-plinth-outdated')
      const serverVersion = headers.get('x-plinth-contract')
      if (outdated === null || serverVersion === null) return
      isDone = true
      if (told.has(baseUrl)) return
      if (told.size < MAX_TOLD) told.add(baseUrl)
      const code = isOlder(CONTRACT_VERSION, serverVersion) ? 'CLIENT_OUTDATED' : 'SERVER_OUTDATED'
      const command = `npm i @plinth/client@${serverVersion}`
      const message = `${outdated} What changed is in node_modules/@plinth/client/CHANGELOG.md.`
      callHandler(() => onWarning({ code, message, clientVersion: CONTRACT_VERSION, serverVersion, command }))
    },
  }
}

function warn({ message }: ClientWarning): void {
  console.warn(`@plinth/client: ${message}`)
}

function isOlder(one: string, other: string): boolean {
  return one.localeCompare(other, 'en', { numeric: true }) < 0
}
