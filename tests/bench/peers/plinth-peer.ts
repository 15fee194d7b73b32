import { systemClock } from '../../../server/src/platform/clock.ts'
import { createSecrets } from '../../../server/src/platform/secrets/index.ts'
import { createAccessTokens } from '../../../server/src/platform/tokens/index.ts'
import { startPlinth } from '../support/plinth.ts'
import type { Peer } from './peer.ts'
import { trpcWire } from './wires/trpc.ts'
import type { World } from './world.ts'

/** The longest that the server allows. */
const TOKEN_MINUTES = 60

/**
 * Plinth as deployed. With `collector`, the address of an OTLP receiver, every call is traced.
 */
export function plinthPeer(world: World, name: string, collector?: string): Peer {
  const accessTokens = createAccessTokens({
    secrets: createSecrets(world.secret),
    clock: systemClock,
    lifetimeMinutes: TOKEN_MINUTES,
    issuer: world.issuer,
  })
  return {
    name,
    wire: trpcWire('system.ping'),
    passwords: 'peppered',
    issueTokens: (callers) =>
      Promise.all(
        callers.map(async ({ id, email, sessionId }) => {
          const claims = { userId: id, email, role: 'user', sessionId }
          return (await accessTokens.issue(claims)).token
        }),
      ),
    ...(collector === undefined ? {} : { ownDatabase: true }),
    start: (databaseUrl) =>
      startPlinth({
        databaseUrl,
        variables: {
          JWT_SECRET: world.secret,
          PUBLIC_URL: world.issuer,
          ACCESS_TOKEN_MINUTES: String(TOKEN_MINUTES),
          // As that of the hashes in the table: a higher one would make each of them anew.
          BCRYPT_COST: '10',
          ...(collector === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: collector }),
        },
      }),
  }
}
