import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { PORT_HERE, startProcess } from '../support/server-process.ts'
import type { Peer } from './peer.ts'
import { signTokens } from './sign-tokens.ts'
import { restWire } from './wires/rest.ts'
import type { World } from './world.ts'

const PYTHON = '/usr/bin/python3'
const NAME = 'fastapi-sqlalchemy'
const MODULES = 'fastapi, sqlalchemy, asyncpg, uvicorn, uvloop, httptools, jwt, bcrypt'
const PACKAGES =
  'python3-fastapi python3-sqlalchemy python3-asyncpg python3-uvicorn python3-uvloop python3-httptools python3-jwt python3-bcrypt'

const run = promisify(execFile)

/** FastAPI with async SQLAlchemy, run by Debian's Python and packages; uvloop and httptools as `uvicorn[standard]` has. */
export function fastapiPeer(world: World): Peer {
  return {
    name: NAME,
    wire: restWire,
    passwords: 'plain',
    issueTokens: (callers) => signTokens(callers, world.secret),
    async missing() {
      try {
        await run(PYTHON, ['-c', `import ${MODULES}`])
        return undefined
      } catch {
        return `apt-get install ${PACKAGES}`
      }
    },
    start: (databaseUrl) =>
      startProcess({
        command: PYTHON,
        args: [
          ...['-m', 'uvicorn', 'main:app', '--app-dir', path.join(import.meta.dirname, 'servers', NAME)],
          ...['--host', '127.0.0.1', '--port', PORT_HERE, '--no-access-log', '--log-level', 'warning'],
        ],
        env: {
          DATABASE_URL: databaseUrl,
          PEER_SECRET: world.secret,
          PYTHONDONTWRITEBYTECODE: '1',
          ...given('PYTHONPATH', 'LD_LIBRARY_PATH'),
        },
        readyPath: '/ping',
      }),
  }
}

/** Packages that lie elsewhere than where Debian puts them. */
function given(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
