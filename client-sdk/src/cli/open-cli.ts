import type { Cli } from './cli.ts'
import { openProfiles } from './config/profiles.ts'
import { readSettings, type Settings } from './config/settings.ts'
import { openContractCache } from './contract/contract-cache.ts'
import { type ContractSource, openContractSource } from './contract/contract-source.ts'
import { newerServerNotice } from './contract/newer-server.ts'
import type { GlobalFlags } from './flags/global-flags.ts'
import type { Connection } from './procedure/connect.ts'
import { headersOf } from './request-headers.ts'
import type { Terminal } from './terminal.ts'
import { ownVersion } from './version.ts'

/** Makes what a command works with. */
export function openCli(terminal: Terminal, flags: GlobalFlags): Cli {
  const version = ownVersion()
  const profiles = openProfiles(terminal.env)
  const say = flags.quiet ? () => undefined : (message: string) => terminal.say(message)
  const settings = once(() => readSettings(flags, terminal.env, profiles, true))
  const connection = once(async (): Promise<Connection> => {
    const { connect } = await import('./procedure/connect.ts')
    return connect(cli, await settings())
  })
  const contract = once(async (): Promise<ContractSource> => {
    const known = await settings()
    return openContractSource({
      baseUrl: known.baseUrl,
      cache: openContractCache(terminal.env, known.baseUrl),
      headers: headersOf(version),
      signal: terminal.signal,
      tokenAtHand: () => tokenAtHand(known),
      freshToken: async () => (await connection()).runtime.session.accessToken(),
      notice: (found) => newerServerNotice(found, version),
      say,
    })
  })
  const cli: Cli = {
    terminal,
    flags,
    version,
    profiles,
    say,
    output: flags.output ?? (terminal.outIsTerminal ? 'table' : 'json'),
    settings,
    contract,
    connect: connection,
  }
  return cli
}

/** A token that is still good, without asking for another. */
function tokenAtHand({ apiKey, kept, isForThisServer }: Settings): string | undefined {
  if (apiKey !== undefined) return apiKey
  if (kept === undefined || !isForThisServer) return undefined
  if (kept.apiKey !== undefined) return kept.apiKey
  const { tokens } = kept
  return tokens !== undefined && Date.parse(tokens.expiresAt) > Date.now() + 5_000
    ? tokens.accessToken
    : undefined
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
