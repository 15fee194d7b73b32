import { globSync } from 'node:fs'
import path from 'node:path'

/** The programs the harness starts servers of its own with. */
export interface Programs {
  /** The folder with `initdb`, `pg_ctl` and `postgres` of one version. */
  readonly postgresBin: string
  readonly redisServer: string
}

/** Where Debian, Homebrew and the PGDG packages put the server's programs, which are not on the PATH. */
const POSTGRES_PLACES = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/opt/homebrew/opt/postgresql@*/bin',
  '/usr/local/opt/postgresql@*/bin',
]

/** The programs, or how to get those that are missing. */
export function findPrograms(): Programs | { readonly missing: string } {
  const folders = pathFolders()
  const postgresBin = [...POSTGRES_PLACES.flatMap((place) => newestFirst(globSync(place))), ...folders].find(
    (folder) => ['initdb', 'pg_ctl', 'postgres'].every((name) => isThere(folder, name)),
  )
  const redisServer = findRedisServer()
  if (postgresBin !== undefined && redisServer !== undefined) return { postgresBin, redisServer }
  const names = [
    ...(postgresBin === undefined ? ["PostgreSQL's server programs (initdb, pg_ctl)"] : []),
    ...(redisServer === undefined ? ['redis-server'] : []),
  ]
  return {
    missing: `${names.join(' and ')} not found; on Debian: apt-get install postgresql redis-server`,
  }
}

/** The programs. @throws Error that says how to get those that are missing */
export function requirePrograms(): Programs {
  const programs = findPrograms()
  if ('missing' in programs) throw new Error(programs.missing)
  return programs
}

/** The path of `redis-server`, which may be there without the rest. */
export function findRedisServer(): string | undefined {
  const folder = pathFolders().find((place) => isThere(place, 'redis-server'))
  return folder === undefined ? undefined : path.join(folder, 'redis-server')
}

function pathFolders(): string[] {
  return (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '')
}

function newestFirst(folders: readonly string[]): string[] {
  return [...folders].sort((one, other) => other.localeCompare(one, undefined, { numeric: true }))
}

function isThere(folder: string, name: string): boolean {
  return globSync(path.join(folder, name)).length > 0
}
