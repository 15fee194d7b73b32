import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { signToken } from '../usual-server/token.ts'
import { REPOSITORY } from './paths.ts'
import type { Person } from './people.ts'
import { type ServerProcess, startProcess } from './server-process.ts'

/** The usual server, and a token for each person. */
export interface UsualServer extends AsyncDisposable {
  readonly server: ServerProcess
  readonly tokens: readonly string[]
}

/** Starts `tests/bench/usual-server` in production mode on a database that Plinth has migrated. */
export async function startUsualServer(databaseUrl: string, people: readonly Person[]): Promise<UsualServer> {
  const secret = randomBytes(48).toString('base64')
  const server = await startProcess({
    args: [path.join(REPOSITORY, 'tests/bench/usual-server/main.ts')],
    env: { NODE_ENV: 'production', DATABASE_URL: databaseUrl, USUAL_SECRET: secret },
    readyPath: '/health',
  })
  return {
    server,
    tokens: await Promise.all(people.map(({ id }) => signToken(id, secret))),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
