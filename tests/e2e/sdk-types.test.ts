import path from 'node:path'
import { expect, test } from 'vitest'
import { describeRouter } from '../../server/src/commands/support/describe-router.ts'
import { registryOf } from '../../server/src/contract/registry.ts'
import { fixtureRouter } from '../types/fixture-router.ts'
import { differingTypes, type Proof } from '../types/prove.ts'

const fixture: Proof = {
  registry: registryOf(fixtureRouter),
  routerFile: path.join(import.meta.dirname, '../types/fixture-router.ts'),
  routerType: 'typeof module.fixtureRouter',
}

test('printed types are those of the router, for everything a schema can say', () => {
  expect(differingTypes(fixture)).toEqual([])
})

test('two field types changed on purpose are found', () => {
  const tamper = (name: string, content: string): string =>
    name === 'types.ts'
      ? content
          .replace(/(interface LabelsNestedListInput \{[^}]*limit\?: )number/, '$1string')
          .replace(/(interface EverythingGetOutput \{[^}]*count: )number/, '$1bigint')
      : content
  const differing = differingTypes({ ...fixture, tamper })
  expect(differing).toContain('input labels.nested.list')
  expect(differing).toContain('output everything.get')
  expect(differing.filter((title) => !/labels\.nested\.list|everything\.get$/.test(title))).toEqual([])
})

test('printed types are those of the server', async () => {
  const server: Proof = {
    registry: registryOf(await describeRouter()),
    routerFile: path.join(import.meta.dirname, '../../server/src/router.ts'),
    routerType: 'module.AppRouter',
  }
  expect(server.registry.length).toBeGreaterThan(20)
  expect(differingTypes(server)).toEqual([])
})
