import type { Actor } from '../actor.ts'
import type { CallContext } from '../call-context.ts'
import { fail } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Policy } from '../policy.ts'

/**
 * Counts the call and answers with the `RateLimit` fields of draft-ietf-httpapi-ratelimit-headers.
 * @throws TOO_MANY_REQUESTS with `retryAfterMs`
 */
export async function limit(policy: Policy, actor: Actor | null, context: CallContext): Promise<void> {
  const caller = actor === null ? `ip:${context.request.ip ?? 'unknown'}` : `user:${actor.userId}`
  const state = await context.runtime.limiter.take(policy.limit, caller)
  const resetSeconds = Math.ceil(state.resetMs / 1_000)
  context.headers.set(
    'RateLimit-Policy',
    `"${policy.limit}";q=${state.limit};w=${limits[policy.limit].seconds}`,
  )
  context.headers.set('RateLimit', `"${policy.limit}";r=${state.remaining};t=${resetSeconds}`)
  if (state.allowed) return
  throw fail('TOO_MANY_REQUESTS', {
    message: `Too many calls; try again in ${resetSeconds} s.`,
    retryAfterMs: state.resetMs,
  })
}
