import { describe, expect, test } from 'vitest'
import { operationMatcher } from './match-operation.ts'
import type { RestMethod } from './route.ts'

const route = (method: RestMethod, path: string) => ({
  route: { method, path },
  operation: `${method} ${path}`,
})
const matcher = operationMatcher([
  route('GET', '/users/me'),
  route('GET', '/users/{id}'),
  route('GET', '/users/{id}/stats'),
  route('DELETE', '/users/{id}'),
  route('POST', '/projects/{projectId}/tasks'),
  route('POST', '/projects/{projectId}/tasks/batch'),
  route('PUT', '/flags/{flag}'),
])

describe('finds', () => {
  test.each([
    ['GET', '/users/me', 'GET /users/me', {}],
    ['GET', '/users/mee', 'GET /users/{id}', { id: 'mee' }],
    ['GET', '/users/ME', 'GET /users/{id}', { id: 'ME' }],
    ['GET', '/users/me/stats', 'GET /users/{id}/stats', { id: 'me' }],
    ['DELETE', '/users/me', 'DELETE /users/{id}', { id: 'me' }],
    ['POST', '/projects/1/tasks/batch', 'POST /projects/{projectId}/tasks/batch', { projectId: '1' }],
    ['PUT', '/flags/a%20b%3F', 'PUT /flags/{flag}', { flag: 'a b?' }],
    ['PUT', '/flags/a+b', 'PUT /flags/{flag}', { flag: 'a+b' }],
    ['PUT', '/flags/%2561', 'PUT /flags/{flag}', { flag: '%61' }],
    ['GET', '/users/__proto__', 'GET /users/{id}', { id: '__proto__' }],
  ])('%s %s', (method, path, operation, fields) => {
    expect(matcher.find(method, path)).toEqual({ operation, fields })
  })
})

describe('T4 has one spelling for each', () => {
  test.each([
    '',
    '/',
    'users/me',
    '//users/me',
    '/users//me',
    '/users/me/',
    '/users/',
    '/Users/me',
    '/%75sers/me',
    '/users%2Fme',
    '/users/a%2Fb',
    '/users/a%5Cb',
    '/users/%2E%2E',
    '/users/..',
    '/users/./me',
    '/users/a%00',
    '/users/a%0A',
    '/users/%',
    '/users/%zz',
    '/users/%E0%A4%A',
    '/users/me#',
    '/users/me?x',
    '/users/a b',
    '/users/é',
    '/users/me\\',
    `/users/${'x'.repeat(2_000)}`,
  ])('nothing is at %j', (path) => {
    expect(matcher.find('GET', path)).toBeUndefined()
    expect(matcher.methodsAt(path)).toEqual([])
  })
})

test('methods are as they are written, and those of a path can be told', () => {
  for (const method of ['get', 'HEAD', 'OPTIONS', 'TRACE', 'FOO', '__proto__', ''])
    expect(matcher.find(method, '/users/me')).toBeUndefined()
  expect(matcher.methodsAt('/users/1')).toEqual(['GET', 'DELETE'])
  expect(matcher.methodsAt('/users/me')).toEqual(['GET', 'DELETE'])
  expect(matcher.methodsAt('/nothing')).toEqual([])
})
