import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expectOk, expectRefused } from '../support/expect-clean.ts'
import { field, mutate, query, send } from '../support/http.ts'
import { DAY, MINUTE, movingClock } from '../support/moving-clock.ts'
import { expectNoEffect } from '../support/no-effect.ts'
import { addPerson, logIn, newAddress, PASSWORD, textOf } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { until } from '../support/until.ts'

const SECOND = 1_000
const clock = movingClock()
let server: TestServer

beforeAll(async () => {
  server = await startServer({ variables: { TRUSTED_PROXIES: '127.0.0.1' }, overrides: { clock } })
})
beforeEach(() => clock.reset())
afterAll(() => server[Symbol.asyncDispose]())

const me = (token: string) => query(server.baseUrl, 'users.me', undefined, { token })
const refresh = (refreshToken: string) =>
  mutate(server.baseUrl, 'auth.refresh', { refreshToken }, { headers: newAddress() })

async function refreshed(refreshToken: string) {
  const answer = expectOk(await refresh(refreshToken), { tokens: true })
  return { token: textOf(answer, 'accessToken'), refreshToken: textOf(answer, 'refreshToken') }
}

describe('A11 sensitive changes need a fresh proof, and sessions are one’s own', () => {
  test('twenty minutes after the log-in a key or the end of the account need the password again', async () => {
    clock.move(-20 * MINUTE)
    const person = await addPerson(server)
    clock.reset()
    const key = { name: 'Key', scopes: ['tasks:read'] }
    for (const [path, input] of [
      ['apiKeys.create', key],
      ['users.delete', { id: person.id }],
    ] as const) {
      const answer = await expectNoEffect(server.database, () => mutate(server.baseUrl, path, input, person))
      expect(expectRefused(answer, 403).error?.reason).toBe('REAUTH_REQUIRED')
    }
    const renewed = await refreshed(person.refreshToken)
    expectRefused(await mutate(server.baseUrl, 'apiKeys.create', key, renewed), 403)
    const again = await logIn(server, person.email)
    expectOk(await mutate(server.baseUrl, 'apiKeys.create', key, again), { tokens: true })
  })

  test('the password is changed only with the old one; other sessions end and the owner is told', async () => {
    const person = await addPerson(server)
    const other = await logIn(server, person.email)
    const change = (currentPassword: string) =>
      mutate(
        server.baseUrl,
        'auth.changePassword',
        { currentPassword, newPassword: 'rT4 velvet anchor 91' },
        person,
      )
    expectRefused(await expectNoEffect(server.database, () => change('not the right one 42')), [401, 403])
    expectOk(await change(PASSWORD))
    expectOk(await me(person.token))
    expectRefused(await me(other.token), 401)
    expectRefused(await refresh(other.refreshToken), 401)
    await server.mails.last(person.email, 'password-changed')
  })

  test('the list shows one’s own sessions; another’s cannot be ended; logoutAll ends all', async () => {
    const [person, stranger] = [await addPerson(server), await addPerson(server)]
    const second = await logIn(server, person.email)
    const list = expectOk(await query(server.baseUrl, 'auth.sessions.list', {}, person))
    const ids = [field(field(list.data, 'data'), '0'), field(field(list.data, 'data'), '1')].map((one) =>
      String(field(one, 'id')),
    )
    expect(field(field(list.data, 'data'), 'length')).toBe(2)
    for (const id of ids) {
      const answer = await expectNoEffect(server.database, () =>
        mutate(server.baseUrl, 'auth.sessions.revoke', { id }, stranger),
      )
      expectRefused(answer, 404)
    }
    expectOk(await mutate(server.baseUrl, 'auth.logoutAll', undefined, second))
    for (const { token, refreshToken } of [person, second]) {
      expectRefused(await me(token), 401)
      expectRefused(await refresh(refreshToken), 401)
    }
    expectOk(await me(stranger.token))
  })

  test('ending one session ends that one', async () => {
    const person = await addPerson(server)
    const second = await logIn(server, person.email)
    const list = expectOk(await query(server.baseUrl, 'auth.sessions.list', {}, person))
    const other = [0, 1].map((index) => field(field(list.data, 'data'), String(index)))
    const id = other.find((session) => field(session, 'current') === false)
    expectOk(await mutate(server.baseUrl, 'auth.sessions.revoke', { id: field(id, 'id') }, person))
    expectRefused(await me(second.token), 401)
    expectOk(await me(person.token))
  })
})

describe('A12 a refresh token used twice ends its family', () => {
  test('replaying any of three ends the session at once, and no other', async () => {
    const person = await addPerson(server)
    const phone = await logIn(server, person.email)
    const second = await refreshed(person.refreshToken)
    const third = await refreshed(second.refreshToken)
    expectOk(await me(third.token))
    clock.move(11 * SECOND)
    expectRefused(await refresh(person.refreshToken), 401)
    for (const { refreshToken, token } of [third, second]) {
      expectRefused(await refresh(refreshToken), 401)
      expectRefused(await me(token), 401)
    }
    expectOk(await me(phone.token))
    await refreshed(phone.refreshToken)
    const trail = await server.database.prisma.auditEvent.count({ where: { action: 'auth.refreshReuse' } })
    expect(trail).toBeGreaterThan(0)
  })

  test('an older one than the last ends it even within the grace', async () => {
    const person = await addPerson(server)
    const second = await refreshed(person.refreshToken)
    const third = await refreshed(second.refreshToken)
    expectRefused(await refresh(person.refreshToken), 401)
    expectRefused(await refresh(third.refreshToken), 401)
  })
})

describe('A13 refreshing at once never makes two successors, nor logs an honest client out', () => {
  test('twenty at once get one successor, a lost answer is given again, later it is reuse', async () => {
    const person = await addPerson(server)
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(person.refreshToken)))
    const successors = new Set(
      answers.map((answer) => textOf(expectOk(answer, { tokens: true }), 'refreshToken')),
    )
    expect(successors.size).toBe(1)
    const [successor = ''] = successors
    clock.move(9 * SECOND)
    expect((await refreshed(person.refreshToken)).refreshToken).toBe(successor)
    const { token } = await refreshed(successor)
    expectOk(await me(token))
    clock.move(30 * SECOND)
    expectRefused(await refresh(person.refreshToken), 401)
    expectRefused(await me(token), 401)
  })

  test('there is one live session of the family, whatever happened', async () => {
    const person = await addPerson(server)
    await Promise.all(Array.from({ length: 10 }, () => refresh(person.refreshToken)))
    const live = await server.database.prisma.session.findMany({
      where: { userId: person.id, revokedAt: null },
    })
    expect(live.map(({ generation }) => generation)).toEqual([2])
  })
})

describe('A14 refresh tokens end, and none is stored', () => {
  test('after seven days without use', async () => {
    const person = await addPerson(server)
    clock.move(7 * DAY + MINUTE)
    expectRefused(await refresh(person.refreshToken), 401)
  })

  test('after thirty days whatever their use', async () => {
    let current = await addPerson(server).then(({ refreshToken }) => refreshToken)
    for (let day = 0; day < 5; day += 1) {
      clock.move(6 * DAY - MINUTE)
      current = (await refreshed(current)).refreshToken
    }
    clock.move(10 * MINUTE)
    expectRefused(await refresh(current), 401)
  })

  test('a copy of the database holds no usable token, and each has 256 bits of its own', async () => {
    const person = await addPerson(server)
    const { rows } = await server.database.pool.query<{ row: string }>(
      'SELECT s::text AS row FROM sessions s UNION ALL SELECT i::text FROM idempotency_keys i UNION ALL SELECT a::text FROM audit_events a',
    )
    expect(rows.length).toBeGreaterThan(2)
    for (const secret of [person.refreshToken, person.token]) {
      expect(rows.some(({ row }) => row.includes(secret) || row.includes(secret.slice(-20)))).toBe(false)
    }
    const bits = new Set(person.refreshToken.split('')).size
    expect(person.refreshToken.length).toBeGreaterThan(60)
    expect(bits).toBeGreaterThan(20)
  })

  test('a token whose session row is gone, and a forged one, are worthless', async () => {
    const person = await addPerson(server)
    await server.database.prisma.session.deleteMany({ where: { userId: person.id } })
    expectRefused(await refresh(person.refreshToken), 401)
    const other = await addPerson(server)
    for (const forged of [
      `${other.refreshToken}=`,
      other.refreshToken.slice(0, -2),
      'x',
      `${other.refreshToken}AA`,
    ]) {
      expectRefused(await expectNoEffect(server.database, () => refresh(forged)), [400, 401])
    }
    await refreshed(other.refreshToken)
  })
})

describe('A15 suspension, deletion and a changed role bite at once', () => {
  test('suspended under load: every credential is refused within a second, and holds again afterwards', async () => {
    const admin = await addPerson(server, 'admin', 'admin')
    const person = await addPerson(server)
    const made = await mutate(
      server.baseUrl,
      'apiKeys.create',
      { name: 'Key', scopes: ['users:read'] },
      person,
    )
    const key = textOf(expectOk(made, { tokens: true }), 'key')
    for (const token of [person.token, key]) expectOk(await me(token))
    expectOk(await mutate(server.baseUrl, 'users.suspend', { id: person.id }, admin))
    for (const token of [person.token, key]) expectRefused(await me(token), 401)
    expectRefused(await refresh(person.refreshToken), 401)
    expectRefused(
      await mutate(
        server.baseUrl,
        'auth.login',
        { email: person.email, password: PASSWORD },
        { headers: newAddress() },
      ),
      401,
    )
    expectOk(await mutate(server.baseUrl, 'users.unsuspend', { id: person.id }, admin))
    expectOk(await logIn(server, person.email).then(({ token }) => me(token)))
    expectOk(await me(key))
  })

  test('nothing is let through once the suspension was answered, however many calls are under way', async () => {
    const admin = await addPerson(server, 'admin', 'admin')
    const person = await addPerson(server)
    let over = false
    let late = 0
    const load = Array.from({ length: 8 }, async () => {
      for (let calls = 0; calls < 200; calls += 1) {
        const begunAfter = over
        const { status } = await me(person.token)
        if (begunAfter && status === 200) late += 1
        if (status === 401) return
      }
    })
    await until('some calls', async () => ((await me(person.token)).status === 200 ? true : undefined))
    expectOk(await mutate(server.baseUrl, 'users.suspend', { id: person.id }, admin))
    over = true
    await Promise.all(load)
    expect(late).toBe(0)
  })

  test('a deleted user is gone on every door, and the address is free', async () => {
    const person = await addPerson(server)
    expectOk(await mutate(server.baseUrl, 'users.delete', { id: person.id }, person))
    expectRefused(await me(person.token), 401)
    expectRefused(await refresh(person.refreshToken), 401)
    const input = { email: person.email, password: PASSWORD, fullName: 'Next' }
    const again = await mutate(server.baseUrl, 'auth.register', input, { headers: newAddress() })
    expect(textOf(expectOk(again, { tokens: true }), 'user', 'id')).not.toBe(person.id)
    expectOk(await me(textOf(again, 'accessToken')))
  })

  test('a demoted admin has no rights on the next call, a promoted one has them', async () => {
    const boss = await addPerson(server, 'boss', 'super_admin')
    const admin = await addPerson(server, 'admin', 'admin')
    const list = () => query(server.baseUrl, 'users.list', {}, admin)
    expectOk(await list(), { large: true })
    expectOk(await mutate(server.baseUrl, 'users.setRole', { id: admin.id, role: 'user' }, boss))
    expectRefused(await list(), 403)
    expectOk(await mutate(server.baseUrl, 'users.setRole', { id: admin.id, role: 'admin' }, boss))
    expectOk(await list(), { large: true })
  })

  test('cookie mode obeys the same', async () => {
    const person = await addPerson(server)
    const headers = { 'x-plinth-cookies': '1', 'content-type': 'application/json', ...newAddress() }
    const login = await send(`${server.baseUrl}/trpc/auth.login`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ email: person.email, password: PASSWORD }),
    })
    const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? ''
    const token = textOf(login, 'accessToken')
    expectOk(await mutate(server.baseUrl, 'auth.logout', undefined, { token, headers: { cookie } }))
    expectRefused(await me(token), 401)
    const answer = await mutate(server.baseUrl, 'auth.refresh', {}, { headers: { cookie } })
    expectRefused(answer, 401)
  })
})
