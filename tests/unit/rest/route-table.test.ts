import { expect, test } from 'vitest'
import { describeRouter } from '../../../server/src/commands/support/describe-router.ts'
import { registryOf } from '../../../server/src/contract/registry.ts'
import type { RestRoute } from '../../../server/src/surfaces/rest/route.ts'
import { restRoutes } from '../../../server/src/surfaces/rest/route-table.ts'

const registry = registryOf(await describeRouter())

function line({
  method,
  path,
  status,
  body,
  needsBody,
  queryFields,
  versioned,
  located,
  entry,
}: RestRoute): string {
  const query = queryFields.length === 0 ? '' : `?${queryFields.join('&')}`
  const answer = entry.kind === 'subscription' ? 'events' : status
  const more = [
    body === 'none' || needsBody ? body.replace('none', '') : `${body}?`,
    versioned ? 'If-Match' : '',
    located ? `→ ${located}` : '',
  ]
  return [`${method} ${path}${query}`, entry.path, answer, ...more.filter((part) => part !== '')].join(' · ')
}

test('every operation, as callers know it: a change here is a change for them', () => {
  expect(`${restRoutes(registry).map(line).join('\n')}\n`).toMatchInlineSnapshot(`
    "POST /api-keys · apiKeys.create · 201 · fields
    GET /api-keys?limit&cursor&page · apiKeys.list · 200
    DELETE /api-keys/{id} · apiKeys.revoke · 204
    GET /audit?limit&cursor&page&actorId&action&targetId&from&to · audit.list · 200
    POST /auth/change-password · auth.changePassword · 204 · fields
    POST /auth/login · auth.login · 200 · fields
    POST /auth/logout · auth.logout · 204
    POST /auth/logout-all · auth.logoutAll · 204
    POST /auth/refresh · auth.refresh · 200 · fields?
    POST /auth/register · auth.register · 200 · fields
    POST /auth/request-password-reset · auth.requestPasswordReset · 204 · fields
    POST /auth/resend-verification · auth.resendVerification · 204 · fields
    POST /auth/reset-password · auth.resetPassword · 204 · fields
    GET /auth/sessions?limit&cursor&page · auth.sessions.list · 200
    DELETE /auth/sessions/{id} · auth.sessions.revoke · 204
    POST /auth/verify-email · auth.verifyEmail · 204 · fields
    DELETE /files/{id} · files.delete · 204
    GET /files/{id} · files.get · 200
    GET /files/{id}/link · files.link · 200
    GET /files?limit&cursor&page&projectId · files.list · 200
    POST /files · files.upload · 201 · multipart · → files.get
    GET /flags?limit&cursor&page · flags.list · 200
    GET /flags/mine · flags.mine · 200
    DELETE /flags/{flag} · flags.reset · 200
    PUT /flags/{flag} · flags.set · 200 · fields · If-Match
    POST /jobs/{id}/cancel · jobs.cancel · 200
    GET /jobs/{id} · jobs.get · 200
    GET /jobs?limit&cursor&page&state&name&ownerId · jobs.list · 200
    GET /jobs/{id}/progress · jobs.onProgress · events
    POST /jobs/{id}/retry · jobs.retry · 200
    GET /notifications?limit&cursor&page&unread · notifications.list · 200
    POST /notifications/mark-read · notifications.markRead · 200 · fields?
    GET /notifications/stream · notifications.onNew · events
    POST /notifications · notifications.send · 200 · fields
    POST /projects · projects.create · 201 · fields · → projects.get
    DELETE /projects/{id} · projects.delete · 204
    GET /projects/{id} · projects.get · 200
    GET /projects?limit&cursor&page&search · projects.list · 200
    POST /projects/{projectId}/members · projects.members.add · 201 · fields
    GET /projects/{projectId}/members?limit&cursor&page · projects.members.list · 200
    DELETE /projects/{projectId}/members/{userId} · projects.members.remove · 204
    PUT /projects/{projectId}/members/{userId}/role · projects.members.setRole · 200 · fields
    POST /projects/{id}/restore · projects.restore · 200
    PATCH /projects/{id} · projects.update · 200 · data · If-Match
    POST /projects/{projectId}/reports · reports.generate · 202 · → jobs.get
    GET /reports/{id} · reports.get · 200
    GET /projects/{projectId}/reports?limit&cursor&page · reports.list · 200
    POST /projects/{projectId}/tasks · tasks.create · 201 · fields · → tasks.get
    POST /projects/{projectId}/tasks/batch · tasks.createMany · 200 · fields
    DELETE /tasks/{id} · tasks.delete · 204
    GET /tasks/{id} · tasks.get · 200
    GET /projects/{projectId}/tasks?limit&cursor&page&status&assigneeId&search&sort · tasks.list · 200
    GET /projects/{projectId}/tasks/changes · tasks.onChange · events
    POST /tasks/{id}/restore · tasks.restore · 200
    PATCH /tasks/{id} · tasks.update · 200 · data · If-Match
    DELETE /users/{id} · users.delete · 204
    GET /users/{id} · users.get · 200
    GET /users/by-email?email · users.getByEmail · 200
    GET /users?limit&cursor&page&search&role · users.list · 200
    GET /users/me · users.me · 200
    PATCH /users/{id}/plan · users.setPlan · 200 · fields?
    PUT /users/{id}/role · users.setRole · 200 · fields
    GET /users/{id}/stats · users.stats · 200
    POST /users/{id}/suspend · users.suspend · 200
    POST /users/{id}/unsuspend · users.unsuspend · 200
    PATCH /users/{id} · users.update · 200 · data
    "
  `)
})

test('what cannot be an operation is told at start-up', () => {
  const list = registry.find(({ path }) => path === 'tasks.list')
  const upload = registry.find(({ path }) => path === 'files.upload')
  if (list === undefined || upload === undefined) throw new Error('The procedures of the test are gone')
  const named = (entry: typeof list, rest: `GET /${string}` | `POST /${string}`) => ({
    ...entry,
    policy: { ...entry.policy, surfaces: { rest } },
  })
  expect(() => restRoutes([named(list, 'GET /x/{nothing}')])).toThrow('names nothing, which is no field')
  expect(() => restRoutes([named(upload, 'POST /projects/{projectId}/files')])).toThrow('in its form')
  const twice = [named(list, 'GET /x/{projectId}'), { ...named(list, 'GET /x/{limit}'), path: 'tasks.other' }]
  expect(() => restRoutes(twice)).toThrow('tasks.list and tasks.other are both GET /x/{}')
  expect(restRoutes([{ ...list, policy: { ...list.policy, surfaces: { rest: false } } }])).toEqual([])
})
