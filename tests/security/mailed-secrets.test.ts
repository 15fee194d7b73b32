import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expectOk, expectRefused } from '../support/expect-clean.ts'
import { mutate, query, send } from '../support/http.ts'
import { DAY, MINUTE, movingClock } from '../support/moving-clock.ts'
import { expectNoEffect } from '../support/no-effect.ts'
import { addPerson, newAddress, newEmail, PASSWORD, type Person, tryLogIn } from '../support/people.ts'
import { rawRequest, sendRaw } from '../support/raw-http.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { until } from '../support/until.ts'

const NEXT = 'rT4 velvet anchor 91 meadow'
const clock = movingClock()
let server: TestServer

beforeAll(async () => {
  server = await startServer({ variables: { TRUSTED_PROXIES: '127.0.0.1' }, overrides: { clock } })
})
beforeEach(() => clock.reset())
afterAll(() => server[Symbol.asyncDispose]())

const call = (path: string, input: unknown) => mutate(server.baseUrl, path, input, { headers: newAddress() })
const secretIn = (text: string) => /token=([\w.~-]+)/.exec(text)?.[1] ?? ''

async function resetSecret(email: string): Promise<string> {
  const before = server.mails.mails.length
  expectOk(await call('auth.requestPasswordReset', { email }))
  const mail = await until('the mail', () =>
    server.mails.mails
      .slice(before)
      .find(({ to, template }) => to === email && template === 'reset-password'),
  )
  return secretIn(mail.text)
}

const reset = (token: string, password = NEXT) => call('auth.resetPassword', { token, password })

describe('A10 secrets of mailed links', () => {
  test('are long, random, not stored, and count once', async () => {
    const person = await addPerson(server)
    const secret = await resetSecret(person.email)
    expect(Buffer.from(secret, 'base64url').length).toBeGreaterThanOrEqual(16)
    const dump = await server.database.pool.query<{ row: string }>(
      'SELECT t::text AS row FROM account_tokens t UNION ALL SELECT m::text FROM mail_messages m UNION ALL SELECT a::text FROM audit_events a',
    )
    expect(dump.rows.length).toBeGreaterThan(1)
    expect(dump.rows.some(({ row }) => row.includes(secret))).toBe(false)
    expectOk(await reset(secret))
    const again = await expectNoEffect(server.database, () => reset(secret, 'another granite 77'))
    expect(expectRefused(again, 400).error?.reason).toBe('TOKEN_INVALID')
    expectOk(await tryLogIn(server, person.email, NEXT), { tokens: true })
    expectRefused(await tryLogIn(server, person.email, PASSWORD), 401)
  })

  test('of twenty uses at once exactly one counts', async () => {
    const { email } = await addPerson(server)
    const secret = await resetSecret(email)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => reset(secret, `${NEXT} ${index}`)),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const answer of answers.filter(({ status }) => status !== 200)) expectRefused(answer, [400, 503])
  })

  test('end after 30 minutes', async () => {
    const { email } = await addPerson(server)
    const secret = await resetSecret(email)
    clock.move(31 * MINUTE)
    expectRefused(await expectNoEffect(server.database, () => reset(secret)), 400)
    clock.move(-3 * MINUTE)
    expectOk(await reset(secret))
  })

  test('end when a newer one is asked for', async () => {
    const { email } = await addPerson(server)
    const first = await resetSecret(email)
    const second = await resetSecret(email)
    expectRefused(await reset(first), 400)
    expectOk(await reset(second))
  })

  test('end when the password is changed another way', async () => {
    const person = await addPerson(server)
    const secret = await resetSecret(person.email)
    const input = { currentPassword: PASSWORD, newPassword: NEXT }
    expectOk(await mutate(server.baseUrl, 'auth.changePassword', input, person))
    expectRefused(await reset(secret), 400)
  })

  test('are bound to their account and purpose', async () => {
    const [a, b] = [await addPerson(server), await addPerson(server)]
    const secret = await resetSecret(a.email)
    expectRefused(await call('auth.resetPassword', { token: secret, password: NEXT, email: b.email }), 400)
    expectRefused(await call('auth.verifyEmail', { token: secret }), 400)
    for (const forged of [
      secret.slice(0, -1),
      `${secret}A`,
      `${secret}=`,
      secret.toLowerCase(),
      'x'.repeat(70),
      'x',
    ]) {
      expectRefused(await expectNoEffect(server.database, () => reset(forged)), 400)
    }
  })

  test('a reset ends all sessions and tells the owner', async () => {
    const person = await addPerson(server)
    expectOk(await reset(await resetSecret(person.email)))
    expectRefused(await query(server.baseUrl, 'users.me', undefined, person), 401)
    expectRefused(await call('auth.refresh', { refreshToken: person.refreshToken }), 401)
    await server.mails.last(person.email, 'password-changed')
  })

  test('a link of a suspended or deleted account opens nothing', async () => {
    for (const data of [{ suspendedAt: new Date() }, { deletedAt: new Date() }]) {
      const person = await addPerson(server)
      const secret = await resetSecret(person.email)
      await server.database.prisma.user.update({ where: { id: person.id }, data })
      expectRefused(await tryLogIn(server, person.email, PASSWORD), 401)
      await reset(secret)
      expectRefused(await tryLogIn(server, person.email, NEXT), 401)
    }
  })

  test('confirming an address counts once and within a day', async () => {
    const register = async () => {
      const email = newEmail()
      expectOk(await call('auth.register', { email, password: PASSWORD, fullName: 'New' }), { tokens: true })
      return secretIn((await server.mails.last(email, 'welcome')).text)
    }
    const [now, late] = [await register(), await register()]
    expectOk(await call('auth.verifyEmail', { token: now }))
    expectRefused(await call('auth.verifyEmail', { token: now }), 400)
    clock.move(DAY + MINUTE)
    expectRefused(await call('auth.verifyEmail', { token: late }), 400)
  })
})

describe('T13 links begin with the configured address', () => {
  test('whatever the request says its host is, also beside an honest one', async () => {
    const people = await Promise.all(Array.from({ length: 4 }, () => addPerson(server)))
    const evil = [
      ...['Host: evil.test', 'X-Forwarded-Host: evil.test', 'X-Forwarded-Proto: javascript'],
      ...['Forwarded: host=evil.test', 'X-Original-Host: evil.test', 'Origin: http://evil.test'],
    ]
    const ask = async ({ email }: Person, headers: readonly string[]) => {
      const from = Object.entries(newAddress()).map(([name, value]) => `${name}: ${value}`)
      const request = rawRequest(
        'POST /trpc/auth.requestPasswordReset HTTP/1.1',
        [...headers, ...from, 'Content-Type: application/json', 'Connection: close'],
        JSON.stringify({ email }),
      )
      expect((await sendRaw(server.baseUrl, request)).status).toBe(200)
    }
    await Promise.all(
      people.map((person, index) => ask(person, index % 2 === 0 ? evil : ['Host: plinth.test'])),
    )
    for (const { email } of people) {
      const mail = await server.mails.last(email, 'reset-password')
      for (const text of [mail.text, mail.html]) {
        expect(text).not.toContain('evil')
        const links = text.match(/https?:\/\/[^\s"<]+/g) ?? []
        expect(links.length).toBeGreaterThan(0)
        expect(links.filter((link) => !link.startsWith('http://plinth.test'))).toEqual([])
      }
    }
  })

  test('a host that is not ours can be refused altogether', async () => {
    await using picky = await startServer({ variables: { ALLOWED_HOSTS: 'api.plinth.test' } })
    expectRefused(await send(`${picky.baseUrl}/trpc/users.me`), 403)
  })
})
