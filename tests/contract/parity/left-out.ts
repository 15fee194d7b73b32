import { expect } from 'vitest'
import type { RegistryEntry } from '../../../server/src/contract/registry.ts'
import type { Outcome, Surface } from '../../support/surfaces/index.ts'
import type { Parity } from './parity-world.ts'

/** Calls on each surface what its policy leaves out there; answers how many were as if they were not there. */
export async function leftOut({ registry, surfaces, world }: Parity): Promise<number> {
  let calls = 0
  for (const surface of surfaces) {
    const hidden = registry.filter((entry) => !surface.serves(entry) && entry.kind !== 'subscription')
    for (const entry of hidden) {
      const { token } = world.principals.superAdmin
      const ask = (one: RegistryEntry): Promise<Outcome> => surface.call(one, {}, { token })
      const [real, unknown] = [await ask(entry), await ask({ ...entry, path: 'no.suchThing' })]
      expect(saidBy(surface, real, entry.path), `${entry.path} by ${surface.name}`).toEqual(
        saidBy(surface, unknown, 'no.suchThing'),
      )
      expect(real.error, real.text).toBeDefined()
      calls += 1
    }
  }
  return calls
}

/** What a person types wrong is said back to them, and what is like it. */
function saidBy({ name }: Surface, { error, text }: Outcome, path: string): unknown {
  return name === 'cli' ? text.split('\n', 1)[0]?.replace(path, '<path>') : error
}
