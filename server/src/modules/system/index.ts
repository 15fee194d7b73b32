import type { Clock } from '../../platform/clock.ts'
import { createSystemRouter } from './system.router.ts'

/** Builds the system module: what can be asked of the server itself. */
export function createSystem(deps: { readonly clock: Clock }) {
  return { router: createSystemRouter(deps) }
}

/** The system module as the composition root holds it. */
export type System = ReturnType<typeof createSystem>
