import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { field, mutate, query, send } from '../../support/http.ts'
import { startServer, type TestServer } from '../../support/server.ts'

const PERSON = { email: 'ada@example.com', password: 'difference engine no 2', fullName: 'Ada Lovelace' }

let server: TestServer
let token: string

beforeAll(async () => {
  server = await startServer()
  token = String(field((await mutate(server.baseUrl, 'auth.register', PERSON)).data, 'accessToken'))
})
afterAll(() => server[Symbol.asyncDispose]())

test('in cookie mode a repeated registration gets its cookie again', async () => {
  const person = { ...PERSON, email: 'ben@example.com' }
  const headers = { 'idempotency-key': crypto.randomUUID(), 'x-plinth-cookies': '1' }
  const first = await mutate(server.baseUrl, 'auth.register', person, { headers })
  const again = await mutate(server.baseUrl, 'auth.register', person, { headers })
  expect(again.headers.get('idempotency-replayed')).toBe('true')
  expect(again.data).toEqual(first.data)
  expect(field(first.data, 'refreshToken')).toBeNull()
  const cookie = (answer: typeof first) => answer.headers.getSetCookie().map((text) => text.split(';')[0])
  expect(cookie(first)).toHaveLength(1)
  expect(cookie(again)).toEqual(cookie(first))
})

test('the mutations of a batch share the header and stay apart, in the order sent', async () => {
  const project = await mutate(server.baseUrl, 'projects.create', { name: 'P', slug: 'batch' }, { token })
  const projectId = field(project.data, 'id')
  const batch = () =>
    send(`${server.baseUrl}/trpc/tasks.create,tasks.create?batch=1`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        'idempotency-key': 'batch-1',
      },
      body: JSON.stringify({ 0: { projectId, title: 'one' }, 1: { projectId, title: 'two' } }),
    })
  const first = await batch()
  const again = await batch()
  expect(first.status).toBe(200)
  expect(again.body).toEqual(first.body)
  const list = await query(server.baseUrl, 'tasks.list', { projectId, sort: 'createdAt' }, { token })
  expect(list.data).toMatchObject({ data: [{ title: 'one' }, { title: 'two' }] })
})

test('an opened stream says where it stands, for those who lose it before its first event', async () => {
  const project = await mutate(server.baseUrl, 'projects.create', { name: 'S', slug: 'stream' }, { token })
  const projectId = field(project.data, 'id')
  await mutate(server.baseUrl, 'tasks.create', { projectId, title: 'before' }, { token })
  const input = encodeURIComponent(JSON.stringify({ projectId }))
  const response = await fetch(`${server.baseUrl}/trpc/tasks.onChange?input=${input}`, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
  })
  expect(response.status).toBe(200)
  expect(response.headers.get('x-stream-position')).toBe('1')
  await response.body?.cancel()
})

test('callers without an account share no answers, unless the input holds their own secret', async () => {
  const headers = { 'idempotency-key': 'shared-key' }
  const login = { email: PERSON.email, password: PERSON.password }
  const first = await mutate(server.baseUrl, 'auth.login', login, { headers })
  const again = await mutate(server.baseUrl, 'auth.login', login, { headers })
  expect([first.status, again.status]).toEqual([200, 200])
  expect(again.headers.get('idempotency-replayed')).toBeNull()
  expect(field(again.data, 'refreshToken')).not.toBe(field(first.data, 'refreshToken'))

  const cookies = { 'idempotency-key': 'cookie-key', 'x-plinth-cookies': '1' }
  const held = await mutate(server.baseUrl, 'auth.login', login, { headers: { 'x-plinth-cookies': '1' } })
  const [cookie = ''] = held.headers.getSetCookie().map((text) => text.split(';')[0] ?? '')
  const refreshed = await mutate(server.baseUrl, 'auth.refresh', {}, { headers: { ...cookies, cookie } })
  expect(refreshed.status).toBe(200)
  const thief = await mutate(server.baseUrl, 'auth.refresh', {}, { headers: cookies })
  expect(thief.status).toBe(401)
})

test('an address that keeps sending bad credentials is refused before they are looked up', async () => {
  await using other = await startServer()
  const owner = await mutate(other.baseUrl, 'auth.register', PERSON)
  const known = String(field(owner.data, 'accessToken'))
  expect(await query(other.baseUrl, 'users.me', undefined, { token: known })).toMatchObject({ status: 200 })
  const statuses = new Set<number>()
  for (let tries = 0; tries < 120; tries += 1) {
    const key = `plk_${randomBytes(6).toString('base64url')}_${randomBytes(32).toString('base64url')}`
    statuses.add((await query(other.baseUrl, 'users.me', undefined, { token: key })).status)
  }
  expect([...statuses]).toEqual([401, 429])
  // Who is logged in behind the same address goes on.
  expect(await query(other.baseUrl, 'users.me', undefined, { token: known })).toMatchObject({ status: 200 })
})
