import { expect, test } from 'vitest'
import type { RegistryEntry } from '../../contract/registry.ts'
import { deriveOperation } from './derive-operation.ts'

const collections = new Set(['tasks', 'projects', 'users', 'files', 'auth', 'apiKeys', 'notifications'])

function entry(path: string, kind: RegistryEntry['kind'], required: string[], upload = false): RegistryEntry {
  const policy: RegistryEntry['policy'] = {
    access: { who: 'user' },
    scope: 'none',
    limit: 'read',
    ...(upload ? { audit: path, upload: {} } : {}),
  }
  const properties = Object.fromEntries(required.map((name) => [name, { type: 'string' as const }]))
  const input = required.length === 0 ? null : { type: 'object' as const, properties, required }
  return { path, kind, policy, input, summary: '', description: undefined, output: {}, job: null }
}

test.each([
  ['tasks.get', 'query', ['id'], 'GET /tasks/{id}'],
  ['tasks.list', 'query', ['projectId'], 'GET /projects/{projectId}/tasks'],
  ['users.list', 'query', [], 'GET /users'],
  ['users.me', 'query', [], 'GET /users/me'],
  ['users.stats', 'query', ['id'], 'GET /users/{id}/stats'],
  ['users.getByEmail', 'query', ['email'], 'GET /users/get-by-email'],
  ['tasks.create', 'mutation', ['projectId', 'title'], 'POST /projects/{projectId}/tasks'],
  ['projects.create', 'mutation', ['name'], 'POST /projects'],
  ['tasks.update', 'mutation', ['id', 'data'], 'PATCH /tasks/{id}'],
  ['tasks.delete', 'mutation', ['id'], 'DELETE /tasks/{id}'],
  ['tasks.restore', 'mutation', ['id'], 'POST /tasks/{id}/restore'],
  ['tasks.createMany', 'mutation', ['projectId', 'tasks'], 'POST /projects/{projectId}/tasks/create-many'],
  ['auth.logoutAll', 'mutation', [], 'POST /auth/logout-all'],
  ['apiKeys.list', 'query', [], 'GET /api-keys'],
  ['auth.sessions.list', 'query', [], 'GET /auth/sessions'],
  ['projects.members.list', 'query', ['projectId'], 'GET /projects/{projectId}/members'],
  ['projects.members.add', 'mutation', ['projectId', 'email'], 'POST /projects/{projectId}/members/add'],
  ['tasks.onChange', 'subscription', ['projectId'], 'GET /projects/{projectId}/tasks/change'],
  ['notifications.onNew', 'subscription', [], 'GET /notifications/new'],
  // Nothing is called for another user unless the field says whose collection it is.
  ['notifications.send', 'mutation', ['userId'], 'POST /users/{userId}/notifications/send'],
  ['files.list', 'query', ['strangerId'], 'GET /files'],
] as const)('%s (%s of %j) is %s', (path, kind, required, operation) => {
  expect(deriveOperation(entry(path, kind, [...required]), collections)).toBe(operation)
})

test('a file is posted to its collection', () => {
  expect(deriveOperation(entry('files.upload', 'mutation', ['file'], true), collections)).toBe('POST /files')
})
