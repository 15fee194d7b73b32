import { registryOf } from '../../server/src/contract/registry.ts'
import { examples } from '../support/examples/index.ts'
import { liftLimits } from '../support/lift-limits.ts'
import { weakestAllowed } from '../support/principals.ts'
import { createWorld, type World } from '../support/world.ts'
import { collectErrors } from './support/error-lines.ts'
import type { Target } from './target.ts'

/** The whole product, with somebody of every kind in it. */
export async function openWorldTarget(): Promise<{ readonly target: Target; readonly world: World }> {
  const errors = collectErrors()
  const world = await createWorld({}, { logger: errors.logger })
  liftLimits(world.server)
  const { stranger, admin, owner } = world.principals
  const target: Target = {
    baseUrl: world.server.baseUrl,
    database: world.server.database,
    registry: registryOf(world.server.app.router),
    errorLines: errors.lines,
    token: owner.token ?? '',
    async fixture(entry) {
      const name = weakestAllowed(entry.policy)
      const make = examples[entry.path]
      if (make === undefined) throw new Error(`There is no example of ${entry.path}`)
      if (entry.path.startsWith('apiKeys.')) await endKeys(world, world.principals[name].id)
      const example = await make(world, name)
      return { input: example.input, token: example.as ?? world.principals[name].token }
    },
    otherToken(entry) {
      const name = weakestAllowed(entry.policy)
      const other = name === 'admin' || name === 'superAdmin' ? stranger : admin
      return other.token ?? ''
    },
  }
  return { target, world }
}

/** A user has at most 50 keys, and thousands are asked for. */
async function endKeys({ server }: World, userId: string | undefined): Promise<void> {
  await server.database.pool.query(
    'UPDATE api_keys SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL',
    [userId],
  )
}
