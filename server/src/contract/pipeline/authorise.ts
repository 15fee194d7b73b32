import { type Actor, actorVia } from '../actor.ts'
import type { CallContext } from '../call-context.ts'
import { type AppError, fail, failBecause } from '../errors.ts'
import type { Policy } from '../policy.ts'
import { roleAtLeast } from '../policy.ts'

/**
 * Who is calling, checked against everything the policy says that needs no row. Membership and ownership are part of
 * the queries themselves.
 * @throws UNAUTHORIZED, TOO_MANY_REQUESTS, FORBIDDEN (SCOPE_MISSING, SESSION_REQUIRED, REAUTH_REQUIRED)
 */
export async function authorise(policy: Policy, context: CallContext): Promise<Actor | null> {
  const actor = await context.resolveActor()
  if (actor === null) {
    // A credential that does not hold is refused everywhere, so that a public call never hides a revoked session.
    // A refresh cookie stands for itself: a log-out whose answer was lost is repeated with the dead access token.
    const alone = context.credentials.bearer === undefined || context.cookies?.refreshToken !== undefined
    if (policy.access.who === 'public' && alone) return null
    if (policy.access.who === 'public' && policy.scope === 'none') return null
    throw fail('UNAUTHORIZED')
  }
  context.request.actor = actor.userId
  context.request.via = actorVia(actor)
  const refusal = refusalFor(policy, actor)
  if (refusal !== undefined) throw refusal
  requireFreshness(policy, actor, context.runtime.clock.now())
  return withBypass(policy, actor, context.bypassReason)
}

/**
 * Why `actor` may not call, whatever the input: their role, or what their credential is for. Undefined does not mean that
 * they may; lists of what can be called are made with it.
 */
export function refusalFor({ access: { who }, scope }: Policy, actor: Actor): AppError | undefined {
  if ((who === 'admin' || who === 'super_admin') && !roleAtLeast(actor.role, who)) return fail('FORBIDDEN')
  if (scope === 'none' || actor.scopes === 'all') return undefined
  if (scope === 'session') return failBecause('SESSION_REQUIRED')
  return actor.scopes.has(scope)
    ? undefined
    : failBecause('SCOPE_MISSING', { message: `The API key needs the scope ${scope}.` })
}

function requireFreshness(policy: Policy, actor: Actor, now: Date): void {
  if (policy.freshMinutes === undefined) return
  const age = now.getTime() - actor.authenticatedAt.getTime()
  if (age > policy.freshMinutes * 60_000) throw failBecause('REAUTH_REQUIRED')
}

/** A super admin is a stranger to other people's projects until they say why they are not. */
function withBypass(policy: Policy, actor: Actor, reason: string | undefined): Actor {
  if (reason === undefined) return actor
  if (actor.role !== 'super_admin' || actor.via.kind !== 'session') throw fail('FORBIDDEN')
  return policy.access.who === 'member' ? { ...actor, bypass: reason } : actor
}
