import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectClean, expectOk, expectRefused } from '../support/expect-clean.ts'
import { mutate, query, send } from '../support/http.ts'
import { expectNoEffect } from '../support/no-effect.ts'
import { addPerson, type LogIn, newAddress, newEmail, PASSWORD, type Person } from '../support/people.ts'
import { rawRequest, sendRaw } from '../support/raw-http.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { timed } from '../support/until.ts'

let server: TestServer
let user: Person & LogIn

beforeAll(async () => {
  server = await startServer({ variables: { TRUSTED_PROXIES: '127.0.0.1' } })
  user = await addPerson(server)
})
afterAll(() => server[Symbol.asyncDispose]())

const post = (path: string, body: NonNullable<RequestInit['body']>, headers: Record<string, string> = {}) =>
  send(`${server.baseUrl}${path}`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${user.token}`, ...newAddress(), ...headers },
  })

describe('T2 one cap for every body, before anything else', () => {
  const big = 'x'.repeat(2 * 1_048_576)
  const types = [
    'application/json',
    'application/octet-stream',
    'multipart/form-data; boundary=x',
    'text/plain',
  ]
  const paths = ['/trpc/auth.login', '/trpc/auth.logout', '/trpc/users.me', '/mcp', '/nothing/here']

  test.each(paths)('POST %s of 2 MiB is 413, whatever its type says', async (path) => {
    for (const type of types) {
      const head = [`Content-Type: ${type}`, `Content-Length: ${big.length}`]
      const answer = await sendRaw(
        server.baseUrl,
        rawRequest(`POST ${path} HTTP/1.1`, head, big.slice(0, 65_536)),
      )
      expect(answer.status, `${type}: ${answer.text.slice(0, 200)}`).toBe(413)
      expect(answer.text).toContain('PAYLOAD_TOO_LARGE')
      expect(answer.text.toLowerCase()).toContain('connection: close')
      expect(answer.ms).toBeLessThan(1_500)
    }
  })

  test('chunked bodies are counted as they come', async () => {
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    const head = ['Content-Type: application/json', 'Transfer-Encoding: chunked']
    for (const path of ['/trpc/auth.logout', '/nothing']) {
      const bytes = rawRequest(`POST ${path} HTTP/1.1`, head) + chunk.repeat(20)
      const answer = await sendRaw(server.baseUrl, bytes)
      expect(answer.status).toBe(413)
    }
  })

  test('an encoded body is not unpacked', async () => {
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(8 * 1_048_576)))
    const answer = await post('/trpc/auth.login', bomb, {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    })
    expectRefused(answer, [413, 415])
  })

  test('twenty at once leave the memory where it was', async () => {
    const before = process.memoryUsage().rss
    const head = ['Content-Type: application/json', `Content-Length: ${big.length}`]
    const bytes = rawRequest('POST /trpc/auth.login HTTP/1.1', head, 'x'.repeat(65_536))
    const answers = await Promise.all(Array.from({ length: 20 }, () => sendRaw(server.baseUrl, bytes)))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 413))
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1_048_576)
  })

  test('a body that is no JSON is 400 in the one envelope', async () => {
    for (const body of ['{', '{"a":}', '\u0000', '[1,', 'undefined', 'NaN', "{'a':1}"]) {
      expectRefused(await post('/trpc/auth.login', body, { 'content-type': 'application/json' }), 400)
    }
  })
})

describe('T3 batches', () => {
  test('eleven calls are refused, ten are answered', async () => {
    const paths = (count: number) => Array.from({ length: count }, () => 'users.me').join(',')
    const headers = { authorization: `Bearer ${user.token}` }
    const eleven = await send(`${server.baseUrl}/trpc/${paths(11)}?batch=1&input={}`, { headers })
    expect(expectRefused(eleven, 400).error?.issues[0]?.field).toBe('batch')
    const ten = await send(`${server.baseUrl}/trpc/${paths(10)}?batch=1&input={}`, { headers })
    expect(expectOk(ten).body).toHaveLength(10)
  })

  test('credentials are not tried in batches', async () => {
    const guess = { email: user.email, password: PASSWORD }
    const answer = await post('/trpc/auth.login,auth.login?batch=1', JSON.stringify({ 0: guess, 1: guess }), {
      'content-type': 'application/json',
    })
    expect(expectClean(answer).status).toBe(400)
    expect(answer.text.match(/NOT_BATCHABLE/g)).toHaveLength(2)
  })

  test('mutations of one batch run in the order sent', async () => {
    const slug = `order-${Date.now()}`
    const project = expectOk(await mutate(server.baseUrl, 'projects.create', { name: 'Order', slug }, user))
    const projectId = String(Reflect.get(Object(project.data), 'id'))
    const titles = Array.from({ length: 10 }, (_, index) => `Number ${index}`)
    const inputs = Object.fromEntries(titles.map((title, index) => [index, { projectId, title }]))
    const paths = titles.map(() => 'tasks.create').join(',')
    expectOk(
      await post(`/trpc/${paths}?batch=1`, JSON.stringify(inputs), { 'content-type': 'application/json' }),
    )
    const rows = await server.database.pool.query<{ title: string }>(
      `SELECT e.data->>'title' AS title FROM events e WHERE e.stream LIKE '%' || $1 || '%' ORDER BY e.id`,
      [projectId],
    )
    expect(rows.rows.map(({ title }) => title)).toEqual(titles)
  })
})

describe('T4 no other spelling of a procedure reaches it', () => {
  test('odd spellings of auth.login are not found, and the limit holds for the right one', async () => {
    const headers = { 'content-type': 'application/json', ...newAddress() }
    const body = JSON.stringify({ email: newEmail(), password: PASSWORD })
    const login = (path: string) => send(`${server.baseUrl}${path}`, { method: 'POST', headers, body })
    const spellings = [
      '/trpc/x/auth.login',
      '/trpc/auth%2Elogin',
      '/trpc/auth.login/',
      '//trpc/auth.login',
      '/trpc//auth.login',
      '/TRPC/auth.login',
      '/trpc/AUTH.LOGIN',
      '/trpc/auth.login%00',
      '/trpc/auth.login;x',
      '/trpc/./x/../auth%2elogin',
    ]
    let last = await login('/trpc/auth.login')
    for (let tries = 0; tries < 40 && last.status !== 429; tries += 1) last = await login('/trpc/auth.login')
    expect(expectRefused(last, 429).headers.get('retry-after')).toMatch(/^\d+$/)
    for (const path of spellings) expectRefused(await login(path), [404, 429])
    expectRefused(await login('/trpc/auth.login?x=1'), 429)
    const batch = await send(`${server.baseUrl}/trpc/auth.login?batch=1`, {
      method: 'POST',
      headers,
      body: `{"0":${body}}`,
    })
    expectClean(batch)
    expect([400, 429]).toContain(batch.status)
  })

  test('calls inside a batch are counted one by one', async () => {
    const person = await addPerson(server)
    const headers = { authorization: `Bearer ${person.token}` }
    const paths = Array.from({ length: 10 }, () => 'users.me').join(',')
    const one = await query(server.baseUrl, 'users.me', undefined, person)
    const ten = await send(`${server.baseUrl}/trpc/${paths}?batch=1&input={}`, { headers })
    const after = await query(server.baseUrl, 'users.me', undefined, person)
    const left = (text: string | null) => Number(/r=(\d+)/.exec(text ?? '')?.[1])
    expect(ten.status).toBe(200)
    expect(left(one.headers.get('ratelimit')) - left(after.headers.get('ratelimit'))).toBe(11)
  })
})

describe('T5 one content type', () => {
  const types = [
    'application/octet-stream',
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'application/json; charset=utf-16',
    'multipart/form-data; boundary=x',
    'text/plain; application/json',
  ]
  test.each(types)('%s is 415, and the session lives', async (type) => {
    const answer = await expectNoEffect(server.database, () =>
      post('/trpc/auth.logoutAll', 'a=b', { 'content-type': type }),
    )
    expectRefused(answer, 415)
    expectOk(await query(server.baseUrl, 'users.me', undefined, user))
  })

  test('no content type at all, and a form, are 415', async () => {
    const head = [`Authorization: Bearer ${user.token}`]
    const bare = await sendRaw(server.baseUrl, rawRequest('POST /trpc/auth.logoutAll HTTP/1.1', head, '{}'), {
      headOnly: true,
    })
    expect(bare.status).toBe(415)
    const form = new FormData()
    form.set('a', 'b')
    expectRefused(await post('/trpc/auth.logoutAll', form), 415)
    expectOk(await query(server.baseUrl, 'users.me', undefined, user))
  })
})

describe('T9 errors do not grow', () => {
  const json = { 'content-type': 'application/json' }

  test('900 kB of wrong items give ten issues and less than 16 kB', async () => {
    const tasks = Array.from({ length: 900 }, () => ({ title: 1, wrong: 'x'.repeat(900) }))
    const answer = await post('/trpc/tasks.createMany', JSON.stringify({ projectId: 'x', tasks }), json)
    expect(expectRefused(answer, 400).error?.issues.length).toBeLessThanOrEqual(10)
  })

  test.each([
    ['5,000 arrays deep', `${'['.repeat(5_000)}${']'.repeat(5_000)}`],
    ['5,000 objects deep', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`],
    ['50,000 keys', `{${Array.from({ length: 50_000 }, (_, index) => `"k${index}":1`).join(',')}}`],
    ['100,000 items', `[${'1,'.repeat(99_999)}1]`],
  ])('%s are 400 at once', async (_name, body) => {
    const { answer, ms } = await timed(() => post('/trpc/projects.create', body, json))
    expectRefused(answer, 400)
    expect(ms).toBeLessThan(1_000)
  })
})
