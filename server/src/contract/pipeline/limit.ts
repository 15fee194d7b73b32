import type { Actor } from '../actor.ts'
import type { CallContext } from '../call-context.ts'
import { fail } from '../errors.ts'
import type { Policy } from '../policy.ts'
import { secondsUntil, showLimit } from './show-limit.ts'

/**
 * Counts the call and answers with the `RateLimit` fields of draft-ietf-httpapi-ratelimit-headers.
 * @throws TOO_MANY_REQUESTS with `retryAfterMs`
 */
export async function limit(
  policy: Pick<Policy, 'limit'>,
  actor: Pick<Actor, 'userId'> | null,
  context: CallContext,
): Promise<void> {
  const caller = actor === null ? `ip:${context.request.ip ?? 'unknown'}` : `user:${actor.userId}`
  const state = await context.runtime.limiter.take(policy.limit, caller)
  showLimit(context.headers, policy.limit, state)
  if (state.allowed) return
  throw fail('TOO_MANY_REQUESTS', {
    message: `Too many calls; try again in ${secondsUntil(state.resetMs)} s.`,
    retryAfterMs: state.resetMs,
  })
}
