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
    "POST /agents · agents.create · 201 · fields · → agents.get
    DELETE /agents/{id} · agents.delete · 204
    GET /agents/{id} · agents.get · 200
    GET /agents?limit&cursor&page · agents.list · 200
    POST /agents/{agentId}/runs · agents.run · 202 · fields · → jobs.get
    POST /agents/runs/{id}/calls/{callId}/approval · agents.runs.approve · 200 · fields
    POST /agents/runs/{id}/cancel · agents.runs.cancel · 200
    GET /agents/runs/{id} · agents.runs.get · 200
    GET /agents/runs?limit&cursor&page&agentId&state · agents.runs.list · 200
    GET /agents/runs/{id}/events · agents.runs.onEvent · events
    GET /agents/tools · agents.tools · 200
    PATCH /agents/{id} · agents.update · 200 · data · If-Match
    POST /api-keys · apiKeys.create · 201 · fields
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
    GET /budgets?limit&cursor&page&userId&role · budgets.list · 200
    DELETE /budgets/{id} · budgets.remove · 204
    PUT /budgets · budgets.set · 200 · fields
    GET /chat/threads/{threadId}/messages?limit&cursor&page · chat.messages.list · 200
    POST /chat/replies/{replyId}/retry · chat.retry · 200
    POST /chat/threads/{threadId}/messages · chat.send · 200 · fields
    POST /chat/replies/{replyId}/stop · chat.stop · 200
    GET /chat/replies/{replyId}/events · chat.stream · events
    POST /chat/threads · chat.threads.create · 201 · fields? · → chat.threads.get
    DELETE /chat/threads/{id} · chat.threads.delete · 204
    GET /chat/threads/{id} · chat.threads.get · 200
    GET /chat/threads?limit&cursor&page · chat.threads.list · 200
    PATCH /chat/threads/{id} · chat.threads.update · 200 · data
    GET /documents/{id}/chunks?limit&cursor&page · documents.chunks · 200
    DELETE /documents/{id} · documents.delete · 204
    GET /documents/{id} · documents.get · 200
    GET /knowledge-bases/{knowledgeBaseId}/documents?limit&cursor&page&status&search · documents.list · 200
    POST /knowledge-bases/{knowledgeBaseId}/reembed · documents.reembed · 202 · → jobs.get
    POST /documents/{id}/retry · documents.retry · 202 · → jobs.get
    POST /documents · documents.upload · 202 · multipart · → jobs.get
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
    POST /knowledge-bases · knowledgeBases.create · 201 · fields · → knowledgeBases.get
    DELETE /knowledge-bases/{id} · knowledgeBases.delete · 204
    GET /knowledge-bases/{id} · knowledgeBases.get · 200
    GET /knowledge-bases?limit&cursor&page&projectId · knowledgeBases.list · 200
    GET /knowledge-bases/search?query&knowledgeBaseIds&limit&explain&mode · knowledgeBases.search · 200
    PATCH /knowledge-bases/{id} · knowledgeBases.update · 200 · data
    POST /models · models.create · 201 · fields · → models.get
    GET /models/estimate-cost?id&inputTokens&outputTokens · models.estimateCost · 200
    GET /models/by-id?id · models.get · 200
    GET /models?limit&cursor&page&includeDisabled&kind&provider · models.list · 200
    GET /models/prices?limit&cursor&page&id · models.prices · 200
    POST /models/prices · models.setPrice · 200 · fields
    PATCH /models?id · models.update · 200 · data
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
    GET /providers?limit&cursor&page · providers.list · 200
    DELETE /providers/key?provider · providers.removeKey · 204
    PUT /providers/key · providers.setKey · 200 · fields
    POST /providers/test · providers.test · 200 · fields
    POST /projects/{projectId}/reports · reports.generate · 202 · → jobs.get
    GET /reports/{id} · reports.get · 200
    GET /projects/{projectId}/reports?limit&cursor&page · reports.list · 200
    GET /system/ping · system.ping · 200
    POST /projects/{projectId}/tasks · tasks.create · 201 · fields · → tasks.get
    POST /projects/{projectId}/tasks/batch · tasks.createMany · 200 · fields
    DELETE /tasks/{id} · tasks.delete · 204
    GET /tasks/{id} · tasks.get · 200
    GET /projects/{projectId}/tasks?limit&cursor&page&status&assigneeId&search&sort · tasks.list · 200
    GET /projects/{projectId}/tasks/changes · tasks.onChange · events
    POST /tasks/{id}/restore · tasks.restore · 200
    PATCH /tasks/{id} · tasks.update · 200 · data · If-Match
    GET /users/{userId}/usage/by-user?from&to · usage.byUser · 200
    GET /usage/entries?limit&cursor&page&from&to&threadId&runId · usage.entries · 200
    GET /usage/mine?from&to · usage.mine · 200
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
