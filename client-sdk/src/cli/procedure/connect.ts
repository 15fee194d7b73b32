import type { Runtime } from '../../call.ts'
import { createRuntime } from '../../runtime.ts'
import type { TokenStorage } from '../../token-storage.ts'
import { memoryTokens } from '../../token-storage.ts'
import type { Cli } from '../cli.ts'
import { profileTokens } from '../config/profile-tokens.ts'
import type { Settings } from '../config/settings.ts'
import { headersOf } from '../request-headers.ts'
import { tellOutdated } from './tell-outdated.ts'
import { watchedFetch } from './watched-fetch.ts'

/** A way to call the procedures of a server. */
export interface Connection {
  readonly runtime: Runtime
  /** Whether there is anything to log in with. */
  readonly hasCredentials: boolean
}

/** Connects as the settings say: the SDK's own runtime, with the profile as its storage of tokens. */
export function connect(cli: Cli, settings: Settings): Connection {
  const { kept, isForThisServer } = settings
  const apiKey = settings.apiKey ?? (isForThisServer ? kept?.apiKey : undefined)
  const hasTokens = apiKey === undefined && isForThisServer && kept?.tokens !== undefined
  const tokens: TokenStorage = hasTokens ? profileTokens(cli.profiles, settings.profile) : memoryTokens()
  const runtime = createRuntime({
    baseUrl: settings.baseUrl,
    apiKey,
    tokens,
    headers: headersOf(cli.version),
    timeoutMs: cli.flags.timeoutMs,
    batch: false,
    onWarning: tellOutdated(cli),
    ...(cli.flags.verbose ? { fetch: watchedFetch(cli.terminal) } : {}),
  })
  return { runtime, hasCredentials: apiKey !== undefined || hasTokens }
}
