import type { Actor } from '../../../contract/actor.ts'
import { failBecause } from '../../../contract/errors.ts'

/** Answers quote their sources: a key that may not read those gets nothing of them by asking. @throws SCOPE_MISSING */
export function requireSources({ scopes }: Pick<Actor, 'scopes'>): void {
  if (scopes === 'all' || scopes.has('knowledge:read')) return
  throw failBecause('SCOPE_MISSING', {
    message: 'The API key needs the scope knowledge:read for a thread with knowledge bases.',
  })
}
