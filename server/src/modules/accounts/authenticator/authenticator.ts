import type { Actor, Authenticator, BeforeLookup } from '../../../contract/actor.ts'
import { roleAtLeast } from '../../../contract/policy.ts'
import { type Scope, scopes } from '../../../contract/scopes.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Database } from '../../../platform/database/index.ts'
import type { AccessTokens } from '../../../platform/tokens/index.ts'
import { hashKey, isKey, KEY_PREFIX } from '../api-keys/key-text.ts'
import type { ActorCache } from './actor-cache.ts'
import { type LoadedActor, loadApiKey, loadSession } from './actor-loader.ts'
import type { LastUse } from './last-use.ts'

/** What {@link createAuthenticator} needs. */
export interface AuthenticatorDeps {
  readonly database: Database
  readonly clock: Clock
  readonly accessTokens: AccessTokens
  readonly cache: ActorCache
  readonly lastUse: LastUse
}

/**
 * Turns access tokens and API keys into actors. The token only names the session: whether it goes on, and the user's
 * address and role, come from the database or from what was read of it and did not change since.
 */
export function createAuthenticator(deps: AuthenticatorDeps): Authenticator {
  const { database, clock, accessTokens, cache, lastUse } = deps

  const current = async (
    key: string,
    load: () => Promise<LoadedActor | null>,
  ): Promise<LoadedActor | null> => {
    const loaded = await cache.get(key, load)
    return loaded === null || isOver(loaded, clock.now()) ? null : loaded
  }
  // Only we can sign a token that names a session, so there is nothing to guess and nothing to hold up.
  const session = (id: string) => current(`session ${id}`, () => loadSession(database, id))
  const apiKey = (keyHash: string, beforeLookup?: BeforeLookup) =>
    current(`key ${keyHash}`, async () => {
      await beforeLookup?.()
      return await loadApiKey(database, keyHash)
    })
  /** Which hash a key's id goes with, for checks of what was authenticated before. */
  const hashes = new WeakMap<Actor, string>()

  const bySession = async (token: string): Promise<Actor | null> => {
    const claims = await accessTokens.verify(token)
    if (claims === null) return null
    const loaded = await session(claims.sessionId)
    return loaded === null || loaded.userId !== claims.userId ? null : actorOf(loaded, 'session')
  }

  const byKey = async (key: string, beforeLookup?: BeforeLookup): Promise<Actor | null> => {
    if (!isKey(key)) return null
    const keyHash = hashKey(key)
    const loaded = await apiKey(keyHash, beforeLookup)
    if (loaded === null) return null
    lastUse.note(loaded)
    const actor = actorOf(loaded, 'apiKey')
    hashes.set(actor, keyHash)
    return actor
  }

  return {
    async authenticate({ bearer }, beforeLookup) {
      if (bearer === undefined) return null
      return bearer.startsWith(KEY_PREFIX) ? await byKey(bearer, beforeLookup) : await bySession(bearer)
    },
    async stillValid(actor) {
      if (actor.via.kind === 'session') return isStill(await session(actor.via.id), actor)
      const keyHash = hashes.get(actor)
      return keyHash !== undefined && isStill(await apiKey(keyHash), actor)
    },
  }
}

function isStill(loaded: LoadedActor | null, actor: Actor): boolean {
  return loaded !== null && loaded.userId === actor.userId && roleAtLeast(loaded.role, actor.role)
}

function isOver({ expiresAt }: LoadedActor, now: Date): boolean {
  return expiresAt !== null && expiresAt <= now
}

function actorOf(loaded: LoadedActor, kind: Actor['via']['kind']): Actor {
  const { id, userId, email, role, authenticatedAt, betaTester, subscriptionTier } = loaded
  const plan = { betaTester, subscriptionTier }
  const allowed = loaded.scopes === null ? 'all' : new Set(loaded.scopes.filter(isScope))
  return { userId, email, role, plan, authenticatedAt, via: { kind, id }, scopes: allowed }
}

function isScope(text: string): text is Scope {
  return scopes.some((scope) => scope === text)
}
