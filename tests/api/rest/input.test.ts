import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectNoEffect } from '../../support/no-effect.ts'
import { expectDone, expectProblem, type RestOptions, rest, text } from '../../support/rest.ts'
import { createWorld, type World } from '../../support/world.ts'

let world: World
let token: string | undefined
let projectId: string
let taskId: string

beforeAll(async () => {
  world = await createWorld()
  token = world.principals.owner.token
  ;({ projectId, taskId } = await world.project())
})
afterAll(() => world[Symbol.asyncDispose]())

const call = (operation: string, options: RestOptions = {}) =>
  rest(world.server.baseUrl, operation, { token, ...options })
const refused = async (operation: string, status: number, members: object, options: RestOptions = {}) =>
  await expectNoEffect(world.server.database, async () =>
    expectProblem(await call(operation, options), status, members),
  )
const issue = (field: string, message: unknown = expect.any(String), value?: unknown) => ({
  issues: [value === undefined ? { field, message } : { field, message, value }],
})

describe('query strings', () => {
  test('are read by the types of their fields', async () => {
    const search = 'limit=1&page=1&status=todo&sort=-priority&search=canary'
    const page = expectDone(await call(`GET /projects/${projectId}/tasks?${search}`), 200)
    expect(page.body).toMatchObject({ data: [{ id: taskId }], pagination: { limit: 1, total: 1 } })
    const unread = expectDone(await call('GET /notifications?unread=false'), 200)
    expect(unread.body).toMatchObject({ data: [] })
  })

  test.each([
    ['limit=ten', issue('limit', 'Give a whole number, for example 20.', 'ten')],
    ['limit=1.0', issue('limit', expect.any(String), '1.0')],
    ['limit=', issue('limit', expect.any(String), '')],
    ['limit=1000', issue('limit', expect.stringContaining('100'), 1000)],
    ['limit=1&limit=2', issue('limit', 'Send this field once.')],
    ['status=none', issue('status')],
    ['nothing=1', issue('nothing', 'There is no such field.')],
    [`projectId=${randomUUID()}`, issue('projectId', 'There is no such field.')],
    ['batch=1', issue('batch', 'There is no such field.')],
    ['input={}', issue('input', 'There is no such field.')],
    ['__proto__[polluted]=1', issue('__proto__[polluted]', 'There is no such field.')],
    ['limit=x&page=y', { detail: 'Not valid: limit, page.' }],
    ['search=%E0%A4%A', { detail: 'The query string is malformed.' }],
  ])('?%s is refused', async (search, members) => {
    await refused(`GET /projects/${projectId}/tasks?${search}`, 400, { code: 'BAD_REQUEST', ...members })
  })

  test('operations without fields take none', async () => {
    await refused('GET /users/me?x=1', 400, issue('x', 'There is no such field.'))
    await refused('POST /auth/logout-all?x=1', 400, issue('x', 'There is no such field.'))
    await refused(
      'POST /projects?name=x',
      400,
      { detail: 'Not valid: name.' },
      { json: { name: 'x', slug: 'x-y-z' } },
    )
  })

  test('are no way to learn of fields without a right to call', async () => {
    expectProblem(await call('GET /users?nothing=1', { token: undefined }), 401)
    expectProblem(await call('GET /users?nothing=1'), 403, { code: 'FORBIDDEN', issues: [] })
  })
})

describe('bodies', () => {
  test.each([
    ['{', 'The body is not valid JSON.'],
    ["{'title':1}", 'The body is not valid JSON.'],
    ['[]', 'Send a JSON object.'],
    ['null', 'Send a JSON object.'],
    ['"text"', 'Send a JSON object.'],
    ['\u0000', 'The body is not valid JSON.'],
  ])('%j is refused', async (body, detail) => {
    const headers = { 'content-type': 'application/json' }
    await refused(`POST /projects/${projectId}/tasks`, 400, { detail }, { body, headers })
    await refused(`PATCH /tasks/${taskId}`, 400, { detail }, { body, headers })
  })

  test('name each field as it was sent', async () => {
    const tasks = `POST /projects/${projectId}/tasks`
    await refused(tasks, 400, issue('title'), { json: {} })
    await refused(tasks, 400, issue('dueAt'), { json: { title: 'x', dueAt: '0000-01-01T00:00:00Z' } })
    await refused(tasks, 400, issue('nothing', 'There is no such field.'), {
      json: { title: 'x', nothing: 1 },
    })
    await refused(`${tasks}/batch`, 400, issue('tasks.0.title', expect.any(String), 5), {
      json: { tasks: [{ title: 5 }] },
    })
    const update = `PATCH /tasks/${taskId}`
    await refused(
      update,
      400,
      { ...issue('priority'), detail: 'Not valid: priority.' },
      { json: { priority: 7 } },
    )
    const detail = 'The input is not valid.'
    await refused(update, 400, { ...issue('', 'Give at least one field to change.'), detail }, { json: {} })
    await refused(update, 400, issue('data', 'There is no such field.'), { json: { title: 'x', data: {} } })
    await refused(update, 400, issue('assigneeId'), { json: { assigneeId: randomUUID() } })
  })

  test('show what was sent in a field, unless it may be secret', async () => {
    const answer = await refused('POST /auth/login', 400, {}, { json: { email: 'nobody', password: 5 } })
    const told = { field: expect.any(String), message: expect.any(String) }
    expect(answer.body).toMatchObject({ issues: [{ field: 'email' }, { field: 'password' }] })
    expect(Reflect.get(Object(answer.body), 'issues')).toEqual([{ ...told, value: 'nobody' }, told])
  })

  test('may be left out where no field has to be there; what is missing all the same is named', async () => {
    await refused('POST /notifications/mark-read', 400, issue('ids', 'Give either ids or all.'))
  })

  test('hold nothing that stands elsewhere', async () => {
    const tasks = `POST /projects/${projectId}/tasks`
    const elsewhere = 'It stands in the path; leave it out of the body.'
    await refused(tasks, 400, issue('projectId', elsewhere), { json: { projectId, title: 'x' } })
    await refused(`DELETE /tasks/${taskId}`, 400, issue('id', elsewhere), { json: { id: taskId } })
    await refused(`PATCH /tasks/${taskId}`, 400, issue('version', 'Send it as If-Match: "3".'), {
      json: { title: 'x', version: 1 },
    })
    await refused('POST /auth/logout-all', 400, issue('everywhere', 'There is no such field.'), {
      json: { everywhere: true },
    })
  })

  test('without fields may be left out, empty or {}', async () => {
    const restore = `POST /tasks/${taskId}/restore`
    expectDone(await call(restore), 200)
    expectDone(await call(restore, { json: {} }), 200)
    expectDone(await call(restore, { headers: { 'content-type': 'application/json' } }), 200)
  })

  test('null and false and zero arrive as they are', async () => {
    const { taskId: id } = await world.project()
    const json = { description: null, priority: 0, title: 'Named' }
    expect(expectDone(await call(`PATCH /tasks/${id}`, { json }), 200).body).toMatchObject(json)
  })
})

describe('T10 nothing reaches a prototype', () => {
  test.each([
    '{"title":"x","__proto__":{"polluted":1}}',
    '{"title":"x","constructor":{"prototype":{"polluted":1}}}',
  ])('%s', async (body) => {
    const headers = { 'content-type': 'application/json' }
    await refused(`POST /projects/${projectId}/tasks`, 400, { code: 'BAD_REQUEST' }, { body, headers })
    await refused(`PATCH /tasks/${taskId}`, 400, { code: 'BAD_REQUEST' }, { body, headers })
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})

describe('versions', () => {
  test('an update of the version that was seen succeeds once', async () => {
    const { taskId: id } = await world.project()
    const seen = expectDone(await call(`GET /tasks/${id}`), 200)
    const headers = { 'if-match': seen.headers.get('etag') ?? '' }
    const first = expectDone(await call(`PATCH /tasks/${id}`, { headers, json: { title: 'First' } }), 200)
    expect([text(first, 'version'), first.headers.get('etag')]).toEqual([2, '"2"'])
    await refused(
      `PATCH /tasks/${id}`,
      412,
      { code: 'PRECONDITION_FAILED', reason: 'VERSION_CONFLICT' },
      {
        headers,
        json: { title: 'Second' },
      },
    )
    expectDone(await call(`PATCH /tasks/${id}`, { json: { title: 'Whatever is there' } }), 200)
    expectDone(await call(`PATCH /tasks/${id}`, { headers: { 'if-match': '*' }, json: { title: 'x' } }), 200)
  })

  test.each(['3', '"three"', 'W/"3"', '"3", "4"', '"-1"', '"0"', '"3.0"', ''])(
    'If-Match: %s is refused by its name',
    async (tag) => {
      const options = { headers: { 'if-match': tag }, json: { title: 'x' } }
      await refused(`PATCH /tasks/${taskId}`, 400, { detail: 'Not valid: If-Match.' }, options)
    },
  )

  test('what nobody changed has version 0', async () => {
    const set = (tag: string) =>
      call('PUT /flags/ai_chat', {
        token: world.principals.admin.token,
        headers: { 'if-match': tag },
        json: { default: true },
      })
    const first = expectDone(await set('"0"'), 200)
    expect(first.headers.get('etag')).toBe('"1"')
    expectProblem(await set('"0"'), 412, { reason: 'VERSION_CONFLICT' })
  })

  test('a version out of range is refused by the name of the header', async () => {
    const options = { headers: { 'if-match': '"9999999999"' }, json: { title: 'x' } }
    const answer = await refused(`PATCH /tasks/${taskId}`, 400, { detail: 'Not valid: If-Match.' }, options)
    expect(text(answer, 'issues', '0', 'field')).toBe('If-Match')
  })

  test('a condition that cannot be kept is refused', async () => {
    const headers = { 'if-match': '"1"' }
    await refused(`DELETE /tasks/${taskId}`, 400, issue('If-Match'), { headers })
    const update = { headers: { 'if-none-match': '*' }, json: { title: 'x' } }
    await refused(`PATCH /tasks/${taskId}`, 400, issue('If-None-Match'), update)
  })

  test('what the caller has is 304', async () => {
    const get = (tag: string) => call(`GET /tasks/${taskId}`, { headers: { 'if-none-match': tag } })
    for (const tag of ['"1"', 'W/"1"', '"7", "1"', '*']) {
      const same = await get(tag)
      expect([same.status, same.text, same.headers.get('etag')]).toEqual([304, '', '"1"'])
    }
    expectDone(await get('"2"'), 200)
    expectDone(await get('1'), 200)
    const hidden = await call(`GET /tasks/${randomUUID()}`, { headers: { 'if-none-match': '*' } })
    expectProblem(hidden, 404)
  })
})
