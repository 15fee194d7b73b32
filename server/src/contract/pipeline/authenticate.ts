import type { RequestContext } from '../../platform/request-context.ts'
import type { Actor, Credentials } from '../actor.ts'
import type { ContractRuntime } from '../call-context.ts'
import { fail } from '../errors.ts'

/**
 * Who is calling, or null. An address that keeps sending credentials that do not hold is refused before another one is
 * looked up, which would cost a query each. What is in memory is not looked up: sessions that are in use behind the same
 * address go on.
 * @throws TOO_MANY_REQUESTS
 */
export async function authenticate(
  { authenticator, limiter }: Pick<ContractRuntime, 'authenticator' | 'limiter'>,
  credentials: Credentials,
  request: RequestContext,
): Promise<Actor | null> {
  if (credentials.bearer === undefined) return null
  const address = `ip:${request.ip ?? 'unknown'}`
  const actor = await authenticator.authenticate(credentials, async () => {
    const { remaining, resetMs } = await limiter.peek('refused', address)
    if (remaining === 0) throw fail('TOO_MANY_REQUESTS', { retryAfterMs: resetMs })
  })
  if (actor !== null) return actor
  const { allowed, resetMs } = await limiter.take('refused', address)
  if (!allowed) throw fail('TOO_MANY_REQUESTS', { retryAfterMs: resetMs })
  return null
}
