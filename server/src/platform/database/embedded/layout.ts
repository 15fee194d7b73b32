import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where the parts of an embedded database lie. */
export interface Layout {
  /** The folder of all of it, readable by its user alone. */
  readonly root: string
  /** The PostgreSQL data directory. */
  readonly data: string
  /** Exists once `data` was made completely. */
  readonly complete: string
  /** Locked by the process that has `data` open. */
  readonly lock: string
  /** Who has it open and where it answers, as JSON. */
  readonly owner: string
}

/** The parts under `dataDirectory`. */
export function layoutOf(dataDirectory: string): Layout {
  const root = join(resolve(dataDirectory), 'database')
  return {
    root,
    data: join(root, 'postgres'),
    complete: join(root, 'complete'),
    lock: join(root, 'lock'),
    owner: join(root, 'owner.json'),
  }
}

/** A socket's path must fit into 104 bytes on macOS and 108 on Linux. */
const LONGEST_SOCKET_PATH = 100
/** The name PostgreSQL gives its socket for port 5432. */
export const SOCKET_NAME = '.s.PGSQL.5432'

/** A folder for the socket that only this user can enter: in the data directory, or where that is too long in /tmp. */
export function socketDirectory(layout: Layout): string {
  const inside = join(layout.root, 'socket')
  if (Buffer.byteLength(join(inside, SOCKET_NAME)) > LONGEST_SOCKET_PATH) {
    return mkdtempSync(join(tmpdir(), 'plinth-socket-'))
  }
  mkdirSync(inside, { recursive: true, mode: 0o700 })
  return inside
}
