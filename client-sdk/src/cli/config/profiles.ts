import { readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { type Tokens, tokensIn } from '../../token-storage.ts'
import { exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { isRecord } from '../records.ts'
import { UsageError } from '../usage-error.ts'
import { configDirectory, type Environment } from './directories.ts'
import { withLock } from './lock.ts'
import { writePrivateFile } from './write-file.ts'

/** A server with what to call it with. */
export interface Profile {
  readonly baseUrl: string
  /** Whose it is, for people to tell profiles apart. */
  readonly account?: string | undefined
  readonly apiKey?: string | undefined
  readonly tokens?: Tokens | undefined
}

/** The profiles of this user of the machine, a file each: what one command writes is no other profile's. */
export interface Profiles {
  names(): Promise<string[]>
  /** @throws Failure when the file cannot be read */
  read(name: string): Promise<Profile | undefined>
  write(name: string, profile: Profile): Promise<void>
  remove(name: string): Promise<boolean>
  /** Runs `work` while no other command does so with this profile. */
  exclusive<T>(name: string, work: () => Promise<T>): Promise<T>
  /** The one that is used when none is named. */
  current(): Promise<string>
  use(name: string): Promise<void>
}

/** The name of the first profile. */
const DEFAULT_PROFILE = 'default'

/** Opens the profiles in the configuration directory; nothing is read or made yet. */
export function openProfiles(env: Environment): Profiles {
  const directory = configDirectory(env)
  const currentFile = path.join(directory, 'current')
  const fileOf = (name: string, ending = 'json'): string =>
    path.join(directory, 'profiles', `${requireName(name)}.${ending}`)
  return {
    async names() {
      const files = await readdir(path.join(directory, 'profiles')).catch(() => [])
      return files.flatMap((file) => /^([\w.-]+)\.json$/.exec(file)?.[1] ?? []).sort()
    },
    async read(name) {
      const file = fileOf(name)
      const text = await readFile(file, 'utf8').catch((error: unknown) => {
        if (isMissing(error)) return undefined
        throw new Failure(exitCodes.failed, `The profile ${file} cannot be read (${messageOf(error)}).`)
      })
      return text === undefined ? undefined : parse(text, file)
    },
    write: (name, profile) => writePrivateFile(fileOf(name), `${JSON.stringify(profile, null, 2)}\n`),
    async remove(name) {
      const isThere = (await readFile(fileOf(name)).catch(() => undefined)) !== undefined
      await rm(fileOf(name), { force: true })
      return isThere
    },
    exclusive: (name, work) => withLock(fileOf(name, 'lock'), work),
    async current() {
      const text = await readFile(currentFile, 'utf8').catch(() => undefined)
      const name = text?.trim()
      return name === undefined || name === '' ? DEFAULT_PROFILE : name
    },
    use: (name) => writePrivateFile(currentFile, `${requireName(name)}\n`),
  }
}

function requireName(name: string): string {
  if (/^[A-Za-z0-9][\w.-]{0,63}$/.test(name)) return name
  throw new UsageError(`“${name}” is no name for a profile: use letters, digits, ".", "_" and "-".`)
}

function parse(text: string, file: string): Profile {
  try {
    const value: unknown = JSON.parse(text)
    if (isRecord(value) && typeof value.baseUrl === 'string') {
      const { baseUrl, account, apiKey } = value
      return {
        baseUrl,
        account: typeof account === 'string' ? account : undefined,
        apiKey: typeof apiKey === 'string' ? apiKey : undefined,
        tokens: tokensIn(value.tokens) ?? undefined,
      }
    }
  } catch {
    // Told below.
  }
  throw new Failure(exitCodes.failed, `The profile ${file} is damaged.`, 'Delete it and log in again.')
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
