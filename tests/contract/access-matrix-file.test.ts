import { initTRPC } from '@trpc/server'
import { describe, expect, test } from 'vitest'
import { router } from '../../server/src/contract/procedure.ts'
import type { RegistryEntry } from '../../server/src/contract/registry.ts'
import { registryOf } from '../../server/src/contract/registry.ts'
import { expectedCell, principalNames } from '../support/principals.ts'
import { startServer } from '../support/server.ts'

describe('Z1 rights are declared, and a change of them is seen', () => {
  /**
   * A change of rights is a changed line of access-matrix.json, to be looked at in review. After a change that is
   * meant: `npm test -- access-matrix-file -u`.
   */
  test('the committed matrix is what the declarations say', async () => {
    await using server = await startServer()
    const registry = registryOf(server.app.router)
    expect(registry.length).toBeGreaterThan(30)
    const matrix = Object.fromEntries(registry.map((entry) => [entry.path, row(entry)]))
    await expect(`${JSON.stringify(matrix, null, 2)}\n`).toMatchFileSnapshot('./access-matrix.json')
  })

  test('a procedure made without the builder turns the build red', () => {
    const bare = initTRPC.create()
    const undeclared = router({ leak: bare.procedure.query(() => 'everything') })
    expect(() => registryOf(undeclared)).toThrow(
      'leak was not made by contract/procedure.ts: it has no policy',
    )
  })

  test('a procedure with some metadata but no policy is refused as well', () => {
    const bare = initTRPC.meta<{ summary: string }>().create()
    const undeclared = router({
      leak: bare.procedure.meta({ summary: 'Looks fine.' }).query(() => 'everything'),
    })
    expect(() => registryOf(undeclared)).toThrow('has no policy')
  })

  test('a router that is loaded later cannot hide procedures', async () => {
    await using server = await startServer()
    expect(Object.keys(server.app.router._def.lazy)).toEqual([])
  })
})

function row({ kind, policy }: RegistryEntry): Record<string, string> {
  const { access, scope, limit, freshMinutes, batch } = policy
  const who = access.who === 'member' ? `member, at least ${access.min}` : access.who
  return {
    rule: [
      `${kind} for ${who}`,
      `scope ${scope}`,
      `limit ${limit}`,
      ...(freshMinutes === undefined ? [] : [`password proven ${freshMinutes} min ago at most`]),
      ...(batch === false ? ['never in a batch'] : []),
    ].join('; '),
    ...Object.fromEntries(principalNames.map((name) => [name, expectedCell(policy, name)])),
  }
}
