import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectClean, expectOk, expectRefused } from '../support/expect-clean.ts'
import { mutate, query, send } from '../support/http.ts'
import { expectNoEffect } from '../support/no-effect.ts'
import { addPerson, type LogIn, type Person } from '../support/people.ts'
import { rawRequest, sendRaw } from '../support/raw-http.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { openStream } from '../support/sse.ts'

let server: TestServer
let user: Person & LogIn

beforeAll(async () => {
  server = await startServer({
    variables: {
      TRUSTED_PROXIES: '127.0.0.1',
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://plinth.test',
      BCRYPT_COST: '10',
    },
  })
  user = await addPerson(server)
})
afterAll(() => server[Symbol.asyncDispose]())

describe('T6 methods and malformed envelopes', () => {
  test.each(['PUT', 'PATCH', 'DELETE', 'TRACE', 'CONNECT', 'FOO', 'PROPFIND'])(
    '%s is a client mistake',
    async (method) => {
      const answer = await sendRaw(server.baseUrl, rawRequest(`${method} /trpc/users.me HTTP/1.1`), {
        headOnly: true,
        withinMs: 1_000,
      })
      // Node closes the connection of a CONNECT that nobody handles.
      if (method === 'CONNECT') expect(answer.status === 0 || answer.status >= 400).toBe(true)
      else expect([400, 404, 405, 501]).toContain(answer.status)
    },
  )

  test('GET of a mutation and POST of a query are 405', async () => {
    expectRefused(await query(server.baseUrl, 'auth.logoutAll', undefined, user), 405)
    expectRefused(await mutate(server.baseUrl, 'users.me', undefined, user), 405)
  })

  test('HEAD and OPTIONS run nothing', async () => {
    for (const method of ['HEAD', 'OPTIONS']) {
      await expectNoEffect(server.database, () =>
        send(`${server.baseUrl}/trpc/auth.logoutAll`, {
          method,
          headers: { authorization: `Bearer ${user.token}` },
        }),
      )
    }
    expectOk(await query(server.baseUrl, 'users.me', undefined, user))
  })

  test.each([
    'users.me?input={',
    'users.me?batch=1&input=[]',
    'users.me?batch=1&input=1',
    'users.me?batch=1&input="x"',
    'users.me?batch=true',
    'users.me?batch=0',
    'users.me?batch=',
    'users.me?batch=1&batch=1',
    'users.get?input=null',
    'users.get?input=[]',
    'users.get?input=1',
    'users.get?input=%00',
    'users.get?input=%7B%22id%22%3A',
    'tasks.onChange?connectionParams={',
    'tasks.onChange,tasks.onChange?batch=1&input={}',
    '__proto__',
    'constructor',
    'constructor.prototype',
    'toString',
    'hasOwnProperty',
    '',
    ',',
    'users.me,',
    ',users.me?batch=1',
    'users.me,users.me',
    `${','.repeat(5_000)}?batch=1`,
    '..%2f..%2fetc%2fpasswd',
    'users.me%00',
    'users',
    'users.',
    '.me',
    'users..me',
    'users.me.toString',
    'users.constructor',
  ])('GET /trpc/%s is 4xx', async (target) => {
    const answer = await send(`${server.baseUrl}/trpc/${target}`, {
      headers: { authorization: `Bearer ${user.token}` },
    })
    expectClean(answer)
    expect(answer.status, answer.text.slice(0, 300)).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
  })

  test.each(['/trpc/%E0%A4%A', '/trpc/users.me?input=%E0%A4%A', '/%', '/trpc/%ff%fe'])(
    '%s with a wrong percent-encoding is 4xx',
    async (target) => {
      const answer = await sendRaw(server.baseUrl, rawRequest(`GET ${target} HTTP/1.1`), { headOnly: true })
      expect([400, 401, 404]).toContain(answer.status)
    },
  )

  test('inputs keyed oddly in a batch are no input of a call', async () => {
    for (const keys of ['-1', '1e3', '00', '__proto__', 'length', '0.0']) {
      const input = encodeURIComponent(`{"${keys}":{"id":"x"}}`)
      const answer = await send(`${server.baseUrl}/trpc/users.get?batch=1&input=${input}`, {
        headers: { authorization: `Bearer ${user.token}` },
      })
      expectClean(answer)
      expect(answer.status).toBe(400)
    }
  })
})

describe('T7 every answer carries its type and safe headers', () => {
  const hsts = /^max-age=(\d+)/

  function expectSafe(headers: Headers): void {
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cache-control')).toMatch(/no-store|no-cache/)
    expect(Number(hsts.exec(headers.get('strict-transport-security') ?? '')?.[1])).toBeGreaterThanOrEqual(
      31_536_000,
    )
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('referrer-policy')).toBeTruthy()
    expect(headers.get('x-request-id')).toMatch(/^[\w.-]{1,64}$/)
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('server')).toBeNull()
  }

  test('200, 400, 401, 404, 405, 413, 415, health and preflight', async () => {
    const get = (path: string, init: RequestInit = {}) => send(`${server.baseUrl}${path}`, init)
    const answers = [
      await query(server.baseUrl, 'users.me', undefined, user),
      await query(server.baseUrl, 'users.me'),
      await query(server.baseUrl, 'users.get', { id: 1 }, user),
      await query(server.baseUrl, 'no.such', undefined, user),
      await query(server.baseUrl, 'auth.logoutAll', undefined, user),
      await get('/nothing'),
      await get('/livez'),
      await get('/readyz'),
      await get('/trpc/auth.login', { method: 'POST', body: 'x' }),
      await get('/trpc/auth.login', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-encoding': 'br' },
        body: '{}',
      }),
    ]
    for (const answer of answers) {
      expectSafe(answer.headers)
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
    }
  })

  test('streams, too', async () => {
    const created = await mutate(
      server.baseUrl,
      'projects.create',
      { name: 'P', slug: `t7-${Date.now()}` },
      user,
    )
    const projectId = Reflect.get(Object(created.data), 'id')
    using stream = await openStream(server.baseUrl, 'tasks.onChange', { projectId }, user)
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expectSafe(stream.headers)
  })
})

describe('T10 no prototype is polluted', () => {
  const poison = [
    '{"__proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"name":"x","slug":"x","__proto__":{"polluted":1}}',
    '{"id":"x","data":{"__proto__":{"polluted":1}}}',
    '{"0":{"__proto__":{"polluted":1}}}',
  ]
  test.each(poison)('%s is refused or ignored', async (body) => {
    const before = (await query(server.baseUrl, 'users.me', undefined, user)).text
    const headers = { authorization: `Bearer ${user.token}`, 'content-type': 'application/json' }
    for (const path of ['projects.create', 'projects.update', 'users.update', 'tasks.create']) {
      for (const batch of ['', '?batch=1']) {
        const url = `${server.baseUrl}/trpc/${path}${batch}`
        expectClean(await send(url, { method: 'POST', headers, body }))
      }
    }
    expectClean(await send(`${server.baseUrl}/trpc/users.me?__proto__[polluted]=1&__proto__=1`, { headers }))
    expectClean(
      await send(`${server.baseUrl}/trpc/users.list?input=${encodeURIComponent(body)}`, { headers }),
    )
    // The server runs in this process, so its objects are ours.
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    expect((await query(server.baseUrl, 'users.me', undefined, user)).text).toBe(before)
  })
})

describe('T15 nothing undocumented is served', () => {
  test.each([
    '/',
    '/metrics',
    '/debug',
    '/docs',
    '/panel',
    '/openapi.json',
    '/.git/HEAD',
    '/.env',
    '/trpc-panel',
    '/admin',
    '/trpc',
    '/trpc/',
    '/mcp/anything',
    '/api',
    '/api/v1',
    '/server/src/main.ts',
    '/package.json',
    '/livez/',
    '/LIVEZ',
    '/api/health/../../etc/passwd',
  ])('GET %s is 404 in production', async (path) => {
    const answer = await sendRaw(server.baseUrl, rawRequest(`GET ${path} HTTP/1.1`), { headOnly: true })
    expect(answer.status).toBe(404)
  })

  test('what is served is this list', () => {
    const { stack }: { stack: { name: string; route?: { path: string } }[] } = Reflect.get(
      server.app.http,
      'router',
    )
    const routes = stack.map((layer) => layer.route?.path ?? layer.name)
    expect(routes.filter((name) => name.startsWith('/'))).toEqual([])
    // REST has its own table of routes, in tests/api/rest.
    expect(routes).toContain('restOperations')
    expect(routes).toContain('trpcCalls')
    // Health, MCP, the contract, documentation, files.
    expect(routes.filter((name) => name === 'router')).toHaveLength(5)
  })
})
