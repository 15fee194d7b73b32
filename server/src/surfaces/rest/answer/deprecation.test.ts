import { expect, test } from 'vitest'
import type { RegistryEntry } from '../../../contract/registry.ts'
import type { RestRoute } from '../route.ts'
import { restRoutes } from '../route-table.ts'
import { deprecation } from './deprecation.ts'

const query = (path: string, deprecated?: RegistryEntry['policy']['deprecated']): RegistryEntry => {
  const input = { type: 'object' as const, properties: { id: { type: 'string' as const } }, required: ['id'] }
  const policy = { access: { who: 'user' }, scope: 'none', limit: 'read' } as const
  return {
    path,
    kind: 'query',
    policy: deprecated === undefined ? policy : { ...policy, deprecated },
    input: path.endsWith('all') ? null : input,
    summary: '',
    description: undefined,
    output: {},
    job: null,
  }
}
const since = '2026-11-21'
const routes = restRoutes([
  query('tasks.get'),
  query('tasks.read', { since, use: 'tasks.get', sunset: '2027-06-30' }),
  query('tasks.all', { since, use: 'tasks.get' }),
])
const headersOf = (path: string, id: string) => deprecation(routeOf(path), routes)?.({ id })

function routeOf(path: string): RestRoute {
  const found = routes.find(({ entry }) => entry.path === path)
  if (found === undefined) throw new Error(path)
  return found
}

test('says since when, until when and what to call instead', () => {
  expect(headersOf('tasks.read', 'a b')).toEqual({
    Deprecation: '@1795219200',
    Sunset: 'Wed, 30 Jun 2027 00:00:00 GMT',
    Link: '</api/v1/tasks/a%20b>; rel="successor-version"',
  })
})

test('links only to an address that is known', () => {
  expect(headersOf('tasks.all', '')).toEqual({ Deprecation: '@1795219200' })
})

test('says nothing of what stays', () => {
  expect(headersOf('tasks.get', '1')).toBeUndefined()
})
