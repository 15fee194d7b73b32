import { randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { leakOf } from '../../support/leak.ts'
import { expectNoEffect } from '../../support/no-effect.ts'
import { addPerson, type LogIn, newAddress, newEmail, PASSWORD, type Person } from '../../support/people.ts'
import { rawRequest, sendRaw } from '../../support/raw-http.ts'
import {
  expectDone,
  expectProblem,
  type RestAnswer,
  type RestOptions,
  rest,
  text,
} from '../../support/rest.ts'
import { startServer, type TestServer } from '../../support/server.ts'

/** The one origin that the tests' configuration allows. */
const APP = 'https://app.plinth.test'
let server: TestServer
let user: Person & LogIn

beforeAll(async () => {
  server = await startServer({
    variables: { TRUSTED_PROXIES: '127.0.0.1', PUBLIC_URL: 'https://plinth.test' },
  })
  user = await addPerson(server)
})
afterAll(() => server[Symbol.asyncDispose]())

const call = (operation: string, { headers, ...options }: RestOptions = {}) =>
  rest(server.baseUrl, operation, { token: user.token, headers: { ...newAddress(), ...headers }, ...options })
const logIn = (headers: Record<string, string>) =>
  call('POST /auth/login', { token: undefined, headers, json: { email: user.email, password: PASSWORD } })
const unchanged = (work: () => Promise<RestAnswer>) => expectNoEffect(server.database, work)

describe('T2, T9 bodies are bounded before anything is known of their sender', () => {
  test('whatever they say they are', async () => {
    const big = 'x'.repeat(2 * 1_048_576)
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x'])
      expectProblem(await call('POST /auth/logout', { body: big, headers: { 'content-type': type } }), 413)
    const zip = new Uint8Array(gzipSync(Buffer.alloc(1_048_576)))
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    expectProblem(await call('POST /auth/login', { body: zip, headers }), 415)
  })

  test('and how deep they are', async () => {
    const deep = `{"name":${'['.repeat(5_000)}${']'.repeat(5_000)}}`
    const headers = { 'content-type': 'application/json' }
    const answer = expectProblem(await call('POST /projects', { body: deep, headers }), 400)
    expect(text(answer, 'detail')).toBe('The input is nested too deeply.')
    const keys = Object.fromEntries(Array.from({ length: 15_000 }, (_, index) => [`k${index}`, 1]))
    const wide = expectProblem(await call('POST /projects', { json: keys }), 400)
    expect(text(wide, 'issues')).toHaveLength(10)
    expect(wide.text.length).toBeLessThan(16_384)
  })
})

describe('T4 no other spelling of an operation', () => {
  test('reaches it, with a limit used up or not', async () => {
    const headers = newAddress()
    const { email } = await addPerson(server)
    const tryLogin = (password: string) =>
      call('POST /auth/login', { token: undefined, headers, json: { email, password } })
    let last: RestAnswer | undefined
    for (let tries = 0; tries < 40 && last?.status !== 429; tries += 1) last = await tryLogin('wrong')
    expect(last?.status).toBe(429)
    expectProblem(last ?? (await tryLogin('wrong')), 429, { code: 'TOO_MANY_REQUESTS', retryable: true })
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0)
    const json = JSON.stringify({ email, password: PASSWORD })
    const spellings = [
      ...['/auth/login/', '//auth/login', '/auth//login', '/Auth/login', '/auth%2Flogin', '/%61uth/login'],
      ...['/x/../auth/login', '/auth/login;x', '/auth/./login', '/auth/login%20', '/auth/login%00'],
    ]
    const targets = [
      ...spellings.map((path) => `/api/v1${path}`),
      ...['/API/v1/auth/login', '/api/v1//auth/login', '//api/v1/auth/login', '/api/V1/auth/login'],
    ]
    for (const target of targets) {
      const bytes = rawRequest(`POST ${target} HTTP/1.1`, ['Content-Type: application/json'], json)
      const { status } = await sendRaw(server.baseUrl, bytes, { headOnly: true })
      expect([404, 405], target).toContain(status)
    }
    expectProblem(await tryLogin(PASSWORD), 429)
    expectProblem(await call('POST /auth/login?x=1', { token: undefined, headers, json: {} }), 429)
  })
})

describe('T5 content types', () => {
  const types = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/octet-stream',
    'application/jsonx',
  ]
  test.each([...types, 'multipart/form-data; boundary=x', 'application/json; charset=utf-16'])(
    '%s is 415',
    async (type) => {
      const options = { headers: { 'content-type': type }, body: '{}' }
      for (const operation of ['POST /auth/logout-all', 'POST /projects', 'PATCH /users/me'])
        expectProblem(await unchanged(() => call(operation, options)), 415, {
          code: 'UNSUPPORTED_MEDIA_TYPE',
        })
      expectDone(await call('GET /users/me'), 200)
    },
  )

  test('a body without a type is 415, and so is none where one is needed', async () => {
    const bytes = rawRequest(
      'POST /api/v1/auth/logout-all HTTP/1.1',
      [`Authorization: Bearer ${user.token}`],
      '{}',
    )
    expect((await sendRaw(server.baseUrl, bytes, { headOnly: true })).status).toBe(415)
    expectProblem(await call('POST /projects'), 415)
    expectProblem(await call('POST /files', { json: {} }), 415, { detail: 'Send multipart/form-data.' })
  })
})

describe('T6 methods and targets', () => {
  test.each(['PUT', 'PATCH', 'DELETE', 'TRACE', 'SEARCH', 'GET'])(
    '%s on a POST operation is 405',
    async (method) => {
      const bytes = rawRequest(`${method} /api/v1/auth/logout HTTP/1.1`, [
        `Authorization: Bearer ${user.token}`,
      ])
      const answer = await sendRaw(server.baseUrl, bytes, { headOnly: true })
      expect(answer.status).toBe(405)
      expect(answer.text).toMatch(/\r\nAllow: POST\r\n/)
      expect(answer.text).toContain('application/problem+json')
    },
  )

  test('HEAD runs no handler but that of its GET', async () => {
    for (const path of ['/auth/logout-all', '/auth/login', '/projects/x/tasks/batch']) {
      const answer = await unchanged(() => call(`HEAD ${path}`))
      expect([answer.status, answer.text]).toEqual([405, ''])
    }
    expect((await call('HEAD /users/me', { token: undefined })).status).toBe(401)
    expectDone(await call('GET /users/me'), 200)
  })

  test.each(['/%E0%A4%A', '/tasks/%', '/tasks/%00', '/__proto__', '/constructor', '/tasks/a%2Fb', ''])(
    'GET /api/v1%s is 404',
    async (path) => {
      const bytes = rawRequest(`GET /api/v1${path} HTTP/1.1`, [`Authorization: Bearer ${user.token}`])
      const answer = await sendRaw(server.baseUrl, bytes, { headOnly: true })
      expect([404, 400]).toContain(answer.status)
      expect(answer.text).toContain('application/problem+json')
      expect(leakOf(answer.text)).toBeUndefined()
    },
  )
})

describe('T11 pages of other origins', () => {
  const cookieMode = { 'x-plinth-cookies': '1' }

  test('get no cookie, use none, and are told nothing', async () => {
    const entered = expectDone(await logIn({ ...cookieMode, origin: APP }), 200, { tokens: true })
    const cookie = entered.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(
      /^__Host-plinth-refresh=[^;]+; Max-Age=\d+; Path=\/;.* HttpOnly; Secure; SameSite=Strict$/,
    )
    expect(text(entered, 'refreshToken')).toBeNull()
    const sent = { cookie: cookie.split(';')[0] ?? '' }
    for (const strange of [
      { origin: 'https://evil.test' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      const login = await unchanged(() => logIn({ ...cookieMode, ...strange }))
      expectProblem(login, 403, { reason: 'ORIGIN_REFUSED', type: 'urn:plinth:error:ORIGIN_REFUSED' })
      expect(login.headers.get('access-control-allow-origin')).not.toBe('*')
      for (const operation of [
        'POST /auth/refresh',
        'POST /auth/logout',
        'DELETE /users/me',
        'PATCH /users/me',
      ]) {
        const options = { token: undefined, headers: { ...sent, ...strange }, json: {} }
        expectProblem(await unchanged(() => call(operation, options)), 403, { reason: 'ORIGIN_REFUSED' })
      }
    }
    const again = await call('POST /auth/refresh', {
      token: undefined,
      headers: { ...sent, origin: APP },
      json: {},
    })
    expect(expectDone(again, 200, { tokens: true }).headers.get('access-control-allow-origin')).toBe(APP)
    expect(again.headers.get('access-control-expose-headers')).toContain('Location')
  })

  test('may ask beforehand for every method and header there is', async () => {
    const asked = await call('OPTIONS /tasks/1', {
      headers: {
        origin: APP,
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'if-match,idempotency-key',
      },
    })
    expect(asked.status).toBe(204)
    expect(asked.headers.get('access-control-allow-methods')).toContain('PATCH')
    expect(asked.headers.get('access-control-allow-headers')).toContain('if-match')
  })
})

describe('headers of calls', () => {
  test('an idempotency key gives the same answer again, address and all', async () => {
    const headers = { 'idempotency-key': randomUUID() }
    const json = { name: 'Once', slug: `once-${randomUUID()}` }
    const first = expectDone(await call('POST /projects', { headers, json }), 201)
    const second = expectDone(await call('POST /projects', { headers, json }), 201)
    expect(second.body).toEqual(first.body)
    expect(second.headers.get('location')).toBe(first.headers.get('location'))
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    const other = await call('POST /projects', { headers, json: { ...json, name: 'Twice' } })
    expectProblem(other, 422, { reason: 'IDEMPOTENCY_MISMATCH' })
    const malformed = await call('POST /projects', { headers: { 'idempotency-key': 'a b' }, json })
    expectProblem(malformed, 400, { issues: [{ field: 'Idempotency-Key' }] })
    // The same key for the same procedure over the other surface is the same call.
    const over = await fetch(`${server.baseUrl}/trpc/projects.create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${user.token}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(json),
    })
    expect(await over.json()).toEqual({ result: { data: first.body } })
  })

  test('limits, times and ids are told', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const { headers } = expectDone(await call('GET /users/me', { headers: { traceparent } }), 200)
    expect(headers.get('x-request-id')).toBe('4bf92f3577b34da6a3ce929d0e0e4736')
    expect(headers.get('server-timing')).toMatch(/^total;dur=/)
    expect(headers.get('ratelimit')).toMatch(/;r=\d+;t=\d+$/)
    expect(headers.get('ratelimit-policy')).toMatch(/;q=\d+;w=\d+/)
    expectProblem(await call('GET /users/me', { headers: { 'x-plinth-bypass': 'x' } }), 400, {
      issues: [{ field: 'X-Plinth-Bypass' }],
    })
  })

  test('whoever registers over REST is audited as having come over REST', async () => {
    const json = { email: newEmail(), password: PASSWORD, fullName: 'Rest User' }
    const made = expectDone(await call('POST /auth/register', { token: undefined, json }), 200, {
      tokens: true,
    })
    const row = await server.database.prisma.auditEvent.findFirst({
      where: { traceId: made.headers.get('x-request-id') ?? '' },
    })
    expect(row).toMatchObject({ action: 'auth.register', surface: 'rest' })
  })
})
