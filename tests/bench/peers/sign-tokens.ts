import type { Caller } from './population.ts'
import { signToken } from './servers/shared/token.ts'

/** Tokens as the peers make them when somebody logs in. */
export function signTokens(callers: readonly Caller[], secret: string): Promise<string[]> {
  const key = new TextEncoder().encode(secret)
  return Promise.all(callers.map(({ id }) => signToken(id, key)))
}
