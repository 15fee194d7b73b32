import { UsageError } from '../usage-error.ts'
import type { Environment } from './directories.ts'
import type { Profile, Profiles } from './profiles.ts'

/** A server on this machine, as `npm start` starts it. */
const LOCAL_SERVER = 'http://localhost:4000'

/** Which server to call, and as whom. */
export interface Settings {
  readonly profile: string
  readonly baseUrl: string
  /** From the environment; goes before what the profile has. */
  readonly apiKey: string | undefined
  /** What is kept under the name of the profile, whatever its server. */
  readonly kept: Profile | undefined
  /** Whether what is kept is for this server: credentials are never sent to another one. */
  readonly isForThisServer: boolean
}

/** What the command line says about it. */
export interface SettingsFlags {
  readonly profile: string | undefined
  readonly baseUrl: string | undefined
}

/**
 * Finds out which server to call: the flag, the variable, the profile, this machine.
 * @throws UsageError for an address that is none and for a named profile that is not there
 */
export async function readSettings(
  flags: SettingsFlags,
  env: Environment,
  profiles: Profiles,
  mustExist: boolean,
): Promise<Settings> {
  const named = flags.profile ?? nonEmpty(env.PLINTH_PROFILE)
  const profile = named ?? (await profiles.current())
  const kept = await profiles.read(profile)
  const given = flags.baseUrl ?? nonEmpty(env.PLINTH_BASE_URL)
  if (mustExist && named !== undefined && kept === undefined && given === undefined) {
    throw new UsageError(
      `There is no profile “${profile}”.`,
      `plinth login --profile ${profile} --base-url https://…`,
      'plinth profiles',
    )
  }
  const baseUrl = addressOf(given ?? kept?.baseUrl ?? LOCAL_SERVER)
  return {
    profile,
    baseUrl,
    apiKey: nonEmpty(env.PLINTH_API_KEY),
    kept,
    isForThisServer: kept !== undefined && addressOf(kept.baseUrl) === baseUrl,
  }
}

/** The address of a server in one spelling, without a slash at its end. @throws UsageError */
function addressOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '')
    throw new UsageError(`“${text}” is not the address of a server: give it as https://api.example.com.`)
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text
}
