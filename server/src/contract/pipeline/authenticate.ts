import type { RequestContext } from '../../platform/request-context.ts'
import type { Actor, Credentials } from '../actor.ts'
import type { AnswerHeaders, ContractRuntime } from '../call-context.ts'
import { fail } from '../errors.ts'
import { showLimit } from './show-limit.ts'

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
  headers: AnswerHeaders,
): Promise<Actor | null> {
  if (credentials.bearer === undefined) return null
  const address = `ip:${request.ip ?? 'unknown'}`
  let lookedUp = false
  const actor = await authenticator.authenticate(credentials, async () => {
    lookedUp = true
    const state = await limiter.peek('refused', address)
    if (state.remaining > 0) return
    showLimit(headers, 'refused', state)
    throw fail('TOO_MANY_REQUESTS', { retryAfterMs: state.resetMs })
  })
  if (actor === null && lookedUp) await limiter.take('refused', address)
  return actor
}
