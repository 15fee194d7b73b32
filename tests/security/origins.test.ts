import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectClean, expectOk, expectRefused } from '../support/expect-clean.ts'
import { type Answer, query, send } from '../support/http.ts'
import { expectNoEffect } from '../support/no-effect.ts'
import {
  addPerson,
  type LogIn,
  newAddress,
  newEmail,
  PASSWORD,
  type Person,
  tryLogIn,
} from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'

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

const post = (path: string, input: unknown, headers: Record<string, string>): Promise<Answer> =>
  send(`${server.baseUrl}/trpc/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...newAddress(), ...headers },
    body: JSON.stringify(input),
  })

async function cookieLogIn(
  headers: Record<string, string> = {},
): Promise<{ cookie: string; header: string }> {
  const answer = await post(
    'auth.login',
    { email: user.email, password: PASSWORD },
    { 'x-plinth-cookies': '1', ...headers },
  )
  expectOk(answer, { tokens: true })
  const header = answer.headers.get('set-cookie') ?? ''
  return { header, cookie: header.split(';')[0] ?? '' }
}

describe('T11 pages of other origins', () => {
  const strange = [
    'https://evil.test',
    'null',
    'https://app.plinth.test.evil.test',
    'http://app.plinth.test',
    'https://app.plinth.test:444',
    'https://evil.test#https://app.plinth.test',
    'https://xapp.plinth.test',
  ]

  test.each(strange)('%s may not read, and is never told that everybody may', async (origin) => {
    const answer = await query(server.baseUrl, 'users.me', undefined, { ...user, headers: { origin } })
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    const preflight = await send(`${server.baseUrl}/trpc/auth.refresh`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    })
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
  })

  test('the configured one may, by name', async () => {
    const answer = await query(server.baseUrl, 'users.me', undefined, { ...user, headers: { origin: APP } })
    expect(answer.headers.get('access-control-allow-origin')).toBe(APP)
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true')
    expect(answer.headers.get('vary')?.toLowerCase()).toContain('origin')
  })

  test('the refresh cookie is out of reach of pages, subdomains and other sites', async () => {
    const { header } = await cookieLogIn({ origin: APP })
    expect(header).toMatch(/^__Host-/)
    for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/'])
      expect(header).toContain(attribute)
    expect(header.toLowerCase()).not.toContain('domain=')
  })

  test.each(strange)('%s cannot use the cookie to refresh, log out or log in', async (origin) => {
    const { cookie } = await cookieLogIn()
    for (const path of ['auth.refresh', 'auth.logout', 'auth.login']) {
      const input =
        path === 'auth.login'
          ? { email: user.email, password: PASSWORD }
          : path === 'auth.refresh'
            ? {}
            : undefined
      const answer = await expectNoEffect(server.database, () => post(path, input, { cookie, origin }))
      expect(expectRefused(answer, 403).error?.reason).toBe('ORIGIN_REFUSED')
    }
    expectRefused(
      await post(
        'auth.login',
        { email: user.email, password: PASSWORD },
        { 'x-plinth-cookies': '1', origin },
      ),
      403,
    )
    expectOk(await post('auth.refresh', {}, { cookie, origin: APP }), { tokens: true })
  })

  test.each(['cross-site', 'same-site'])('without an origin, Sec-Fetch-Site: %s is refused', async (site) => {
    const { cookie } = await cookieLogIn()
    const answer = await expectNoEffect(server.database, () =>
      post('auth.refresh', {}, { cookie, 'sec-fetch-site': site }),
    )
    expectRefused(answer, 403)
  })

  test('a cookie of another name or with odd bytes is no cookie', async () => {
    const { cookie } = await cookieLogIn()
    const value = cookie.split('=')[1] ?? ''
    for (const odd of [
      `plinth-refresh=${value}`,
      '__Host-plinth-refresh=%E0%A4%A',
      '__Host-plinth-refresh=',
      ';;;=',
      `x${cookie}`,
    ]) {
      const answer = await post('auth.refresh', {}, { cookie: odd, origin: APP })
      expectRefused(answer, [400, 401])
    }
  })
})

describe('T12 who calls is what trusted hops say, and nobody else', () => {
  const wrong = 'not the right one 42'

  test('headers of strangers do not make new callers', async () => {
    await using direct = await startServer()
    const statuses: number[] = []
    for (let index = 0; index < 30; index += 1) {
      const answer = await tryLogIn(direct, newEmail(), wrong, {
        'x-forwarded-for': `10.9.8.${index}`,
        'x-real-ip': `10.9.8.${index}`,
        forwarded: `for=10.9.8.${index}`,
        'cf-connecting-ip': `10.9.8.${index}`,
        'true-client-ip': `10.9.8.${index}`,
        'x-client-ip': `10.9.8.${index}`,
      })
      statuses.push(expectClean(answer).status)
    }
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(5)
  })

  const sameCaller: readonly (readonly [string, (index: number) => string])[] = [
    ['one IPv6 /64', (index) => `2001:db8:1:2:${index.toString(16)}::${index.toString(16)}`],
    [
      'an IPv4 address and its IPv6 spellings',
      (index) => ['192.0.2.7', '::ffff:192.0.2.7', '::ffff:c000:207'][index % 3] ?? '',
    ],
    ['what a client put before the proxy’s own entry', (index) => `10.0.0.${index}, 198.51.100.9`],
    ['no address at all', (index) => `garbage-${index}`],
  ]
  test.each(sameCaller)('%s is one caller', async (_name, address) => {
    const statuses: number[] = []
    for (let index = 0; index < 30; index += 1) {
      const answer = await tryLogIn(server, newEmail(), wrong, { 'x-forwarded-for': address(index) })
      statuses.push(expectClean(answer).status)
    }
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(5)
  })

  test('different networks are different callers', async () => {
    for (let index = 0; index < 30; index += 1) {
      const answer = await tryLogIn(server, newEmail(), wrong, {
        'x-forwarded-for': `2001:db8:77:${index}::1`,
      })
      expectRefused(answer, 401)
    }
  })
})
