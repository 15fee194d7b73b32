import type { RequestContext } from '../../platform/request-context.ts'
import type { Actor, Credentials } from '../actor.ts'
import type { ContractRuntime } from '../call-context.ts'
import { fail } from '../errors.ts'

/**
 * Who is calling, or null. An address that keeps sending made-up credentials is refused before another one is looked up,
 * which costs a query each. Credentials that only we can make or that are in memory are never held up: people behind the
 * same address go on.
 * @throws TOO_MANY_REQUESTS
 */
export async function authenticate(
  { authenticator, limiter }: Pick<ContractRuntime, 'authenticator' | 'limiter'>,
  credentials: Credentials,
  request: RequestContext,
): Promise<Actor | null> {
  if (credentials.bearer === undefined) return null
  const address = `ip:${request.ip ?? 'unknown'}`
  let lookedUp = false
  const actor = await authenticator.authenticate(credentials, async () => {
    lookedUp = true
    const { remaining, resetMs } = await limiter.peek('refused', address)
    if (remaining === 0) throw fail('TOO_MANY_REQUESTS', { retryAfterMs: resetMs })
  })
  if (actor === null && lookedUp) await limiter.take('refused', address)
  return actor
}
