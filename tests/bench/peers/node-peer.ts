import path from 'node:path'
import { startProcess } from '../support/server-process.ts'
import type { Peer } from './peer.ts'
import { signTokens } from './sign-tokens.ts'
import type { Wire } from './wires/wire.ts'
import type { World } from './world.ts'

/** The server in `servers/<name>`, in production mode; `readyPath` answers 200 once it listens. */
export function nodePeer(world: World, name: string, wire: Wire, readyPath: string): Peer {
  return {
    name,
    wire,
    passwords: 'plain',
    issueTokens: (callers) => signTokens(callers, world.secret),
    start: (databaseUrl) =>
      startProcess({
        args: [path.join(import.meta.dirname, 'servers', name, 'main.ts')],
        env: { NODE_ENV: 'production', DATABASE_URL: databaseUrl, PEER_SECRET: world.secret },
        readyPath,
      }),
  }
}
