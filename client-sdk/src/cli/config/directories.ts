import { homedir } from 'node:os'
import path from 'node:path'

/** The environment a command runs in. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Where profiles are kept (https://specifications.freedesktop.org/basedir-spec/latest/). */
export function configDirectory(env: Environment): string {
  return path.join(absolute(env.XDG_CONFIG_HOME) ?? path.join(homedir(), '.config'), 'plinth')
}

/** Where contracts are kept; it can be deleted at any time. */
export function cacheDirectory(env: Environment): string {
  return path.join(absolute(env.XDG_CACHE_HOME) ?? path.join(homedir(), '.cache'), 'plinth')
}

/** The specification says to pass over paths that are relative. */
function absolute(directory: string | undefined): string | undefined {
  return directory !== undefined && path.isAbsolute(directory) ? directory : undefined
}
