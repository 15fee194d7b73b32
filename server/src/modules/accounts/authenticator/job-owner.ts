import type { Actor } from '../../../contract/actor.ts'
import type { Database } from '../../../platform/database/index.ts'
import type { ActorCache } from './actor-cache.ts'
import { loadOwner } from './actor-loader.ts'

/** The user `userId` acting through one of their jobs, with the rights they have now; null when suspended or gone. */
export type LoadJobOwner = (userId: string, jobId: string) => Promise<Actor | null>

/** Builds {@link LoadJobOwner}; no round trip for users it knows. */
export function createJobOwnerLoader(database: Database, cache: ActorCache): LoadJobOwner {
  return async (userId, jobId) => {
    const owner = await cache.get(`user ${userId}`, () => loadOwner(database, userId))
    if (owner === null) return null
    const { email, role, betaTester, subscriptionTier, authenticatedAt } = owner
    const plan = { betaTester, subscriptionTier }
    return { userId, email, role, plan, authenticatedAt, via: { kind: 'job', id: jobId }, scopes: 'all' }
  }
}
