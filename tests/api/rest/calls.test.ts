import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectDone, expectProblem, rest, text } from '../../support/rest.ts'
import { createWorld, type World } from '../../support/world.ts'

let world: World
let base: string
let token: string | undefined

beforeAll(async () => {
  world = await createWorld()
  base = world.server.baseUrl
  token = world.principals.owner.token
})
afterAll(() => world[Symbol.asyncDispose]())

const call = (operation: string, options: Parameters<typeof rest>[2] = {}) =>
  rest(base, operation, { token, ...options })

describe('answers', () => {
  test('what is made is 201 with its address, which gets it', async () => {
    const made = await call(`POST /projects/${world.alpha.projectId}/tasks`, { json: { title: 'Over REST' } })
    expectDone(made, 201)
    expect(made.body).toMatchObject({ title: 'Over REST', version: 1, projectId: world.alpha.projectId })
    expect(made.headers.get('etag')).toBe('"1"')
    const location = made.headers.get('location')
    expect(location).toBe(`/api/v1/tasks/${String(text(made, 'id'))}`)
    const found = expectDone(await call(`GET /tasks/${String(text(made, 'id'))}`), 200)
    expect(found.body).toEqual(made.body)
  })

  test('a job is 202 with its address', async () => {
    const queued = expectDone(await call(`POST /projects/${world.alpha.projectId}/reports`), 202)
    expect(queued.headers.get('location')).toBe(`/api/v1/jobs/${String(text(queued, 'jobId'))}`)
    expectDone(await call(`GET /jobs/${String(text(queued, 'jobId'))}`), 200)
  })

  test('what only says that it is done is 204 without a body', async () => {
    const { taskId } = await world.project()
    const gone = expectDone(await call(`DELETE /tasks/${taskId}`), 204)
    expect(gone.text).toBe('')
    expect(gone.headers.get('content-type')).toBeNull()
    expect(gone.headers.get('content-length')).toBeNull()
    expectProblem(await call(`GET /tasks/${taskId}`), 404, { code: 'NOT_FOUND', detail: expect.any(String) })
  })

  test('HEAD is the head of GET', async () => {
    const [get, head] = [
      await call(`GET /tasks/${world.alpha.taskId}`),
      await call(`HEAD /tasks/${world.alpha.taskId}`),
    ]
    expect([head.status, head.text, head.headers.get('etag')]).toEqual([200, '', get.headers.get('etag')])
    expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'))
  })
})

describe('errors', () => {
  test('are problem documents that name what to do', async () => {
    const refused = await call('GET /tasks/nonsense')
    expectProblem(refused, 400, {
      type: 'urn:plinth:error:BAD_REQUEST',
      title: 'The input is not valid.',
      detail: 'Not valid: id.',
      code: 'BAD_REQUEST',
      issues: [{ field: 'id', message: 'Give a UUID.' }],
      retryable: false,
    })
    expectProblem(await call(`GET /tasks/${randomUUID()}`), 404, { code: 'NOT_FOUND' })
    const unknown = await rest(base, `GET /tasks/${world.alpha.taskId}`)
    expectProblem(unknown, 401, { code: 'UNAUTHORIZED' })
    expect(unknown.headers.get('www-authenticate')).toBe('Bearer')
  })

  test('fields are named as they were sent', async () => {
    const { taskId } = world.alpha
    const refused = await call(`PATCH /tasks/${taskId}`, { json: { title: '', priority: 9, id: taskId } })
    expectProblem(refused, 400, { detail: 'Not valid: title, priority, id.' })
    expect(text(refused, 'issues')).toMatchObject([
      { field: 'title' },
      { field: 'priority' },
      { field: 'id' },
    ])
  })

  test('an address without an operation is 404, another method 405 with those there are', async () => {
    for (const path of ['/nothing', '', '/', '/tasks', `/tasks/${randomUUID()}/nothing`])
      expectProblem(await call(`GET ${path}`), 404, { code: 'NOT_FOUND' })
    const refused = expectProblem(await call(`PUT /tasks/${world.alpha.taskId}`), 405, {
      code: 'METHOD_NOT_SUPPORTED',
    })
    expect(refused.headers.get('allow')).toBe('GET, HEAD, PATCH, DELETE')
    expect(expectProblem(await call('GET /auth/login'), 405).headers.get('allow')).toBe('POST')
  })

  test('the edge answers in the same way', async () => {
    expectProblem(await call(`GET /tasks/${'x'.repeat(9_000)}`), 400, { code: 'BAD_REQUEST' })
    const big = 'x'.repeat(2 * 1_048_576)
    expectProblem(await call('POST /auth/login', { json: big }), 413, { code: 'PAYLOAD_TOO_LARGE' })
  })
})
