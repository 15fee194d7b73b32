import type { Actor } from '../../contract/actor.ts'
import { fail } from '../../contract/errors.ts'

/** Who asked for a job, with the rights they have now. @throws NOT_FOUND for a job that runs for nobody */
export function actingFor(actor: Actor | null, bypass: string | undefined): Actor {
  if (actor === null) throw fail('NOT_FOUND')
  return bypass !== undefined && actor.role === 'super_admin' ? { ...actor, bypass } : actor
}
