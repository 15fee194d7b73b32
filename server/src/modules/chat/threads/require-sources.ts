import type { Actor } from '../../../contract/actor.ts'
import { failBecause } from '../../../contract/errors.ts'

/** Whether an actor may be told what a thread's sources say. */
export function mayUseSources({ scopes }: Pick<Actor, 'scopes'>): boolean {
  return scopes === 'all' || scopes.has('knowledge:read')
}

/** Answers quote their sources: a key that may not read those gets nothing of them by asking. @throws SCOPE_MISSING */
export function requireSources(actor: Pick<Actor, 'scopes'>): void {
  if (mayUseSources(actor)) return
  throw failBecause('SCOPE_MISSING', {
    message: 'The API key needs the scope knowledge:read for a thread with knowledge bases.',
  })
}
