import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scopes } from '../../server/src/contract/scopes.ts'
import { expectOk, expectRefused } from '../support/expect-clean.ts'
import { mutate, query } from '../support/http.ts'
import { DAY, movingClock } from '../support/moving-clock.ts'
import { expectNoEffect } from '../support/no-effect.ts'
import { addPerson, type LogIn, type Person, textOf } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'

const clock = movingClock()
let server: TestServer
let user: Person & LogIn

beforeAll(async () => {
  server = await startServer({ variables: { TRUSTED_PROXIES: '127.0.0.1' }, overrides: { clock } })
  user = await addPerson(server)
})
afterAll(() => server[Symbol.asyncDispose]())

async function makeKey(granted: readonly string[], as: LogIn = user, expiresAt?: string) {
  const input = { name: 'Key', scopes: granted, ...(expiresAt === undefined ? {} : { expiresAt }) }
  const answer = expectOk(await mutate(server.baseUrl, 'apiKeys.create', input, as), { tokens: true })
  return { id: textOf(answer, 'id'), key: textOf(answer, 'key') }
}
const me = (token: string) => query(server.baseUrl, 'users.me', undefined, { token })

describe('A16 API keys', () => {
  test('are shown once and kept as a hash', async () => {
    const { key } = await makeKey(['users:read'])
    const list = expectOk(await query(server.baseUrl, 'apiKeys.list', {}, user))
    expect(list.text).not.toContain(key)
    expect(list.text).not.toMatch(/hash/i)
    const { rows } = await server.database.pool.query<{ row: string }>(
      'SELECT k::text AS row FROM api_keys k UNION ALL SELECT a::text FROM audit_events a UNION ALL SELECT i::text FROM idempotency_keys i',
    )
    expect(rows.some(({ row }) => row.includes(key) || row.includes(key.slice(-24)))).toBe(false)
    expect(Buffer.from(key.slice(-43), 'base64url').length).toBe(32)
    expectOk(await me(key))
  })

  test('open what their scopes say and nothing else', async () => {
    const { key } = await makeKey(['projects:read'])
    const as = { token: key }
    expectOk(await query(server.baseUrl, 'projects.list', {}, as))
    for (const [path, input] of [
      ['projects.create', { name: 'P', slug: 'p' }],
      ['users.update', { id: user.id, data: { fullName: 'Changed' } }],
    ] as const) {
      const answer = await expectNoEffect(server.database, () => mutate(server.baseUrl, path, input, as))
      expect(expectRefused(answer, 403).error?.reason).toBe('SCOPE_MISSING')
    }
    expectRefused(await me(key), 403)
  })

  test('with every scope still cannot make, list or end keys, sessions, passwords or accounts', async () => {
    const { id, key } = await makeKey(scopes)
    const as = { token: key }
    for (const [path, input] of [
      ['apiKeys.create', { name: 'More', scopes: [...scopes] }],
      ['apiKeys.revoke', { id }],
      ['auth.logoutAll', undefined],
      ['auth.changePassword', { currentPassword: 'x', newPassword: 'rT4 velvet anchor 91' }],
      ['auth.sessions.revoke', { id }],
      ['users.delete', { id: user.id }],
      ['users.setRole', { id: user.id, role: 'admin' }],
    ] as const) {
      const answer = await expectNoEffect(server.database, () => mutate(server.baseUrl, path, input, as))
      expectRefused(answer, 403)
    }
    expectRefused(await query(server.baseUrl, 'apiKeys.list', {}, as), 403)
    expectRefused(await query(server.baseUrl, 'auth.sessions.list', {}, as), 403)
  })

  test('cannot be asked for with unknown, doubled or no scopes, nor for somebody else', async () => {
    for (const input of [
      { name: 'K', scopes: ['*'] },
      { name: 'K', scopes: ['admin'] },
      { name: 'K', scopes: [] },
      { name: 'K', scopes: ['tasks:read', 'tasks:read'] },
      { name: 'K', scopes: 'tasks:read' },
      { name: 'K', scopes: ['tasks:read'], userId: user.id },
      { name: 'K', scopes: ['tasks:read'], expiresAt: '2001-01-01T00:00:00Z' },
    ]) {
      const answer = await expectNoEffect(server.database, () =>
        mutate(server.baseUrl, 'apiKeys.create', input, user),
      )
      expectRefused(answer, 400)
    }
    const input = { name: 'K', scopes: ['tasks:read'] }
    expectRefused(await mutate(server.baseUrl, 'apiKeys.create', input), 401)
    expectRefused(await mutate(server.baseUrl, 'apiKeys.create', { ...input, userId: user.id }), 401)
  })

  test('never exceed their maker: of an ordinary user they open no admin’s call, of a demoted admin none any more', async () => {
    const { key } = await makeKey(scopes)
    expectRefused(await query(server.baseUrl, 'users.list', {}, { token: key }), 403)
    const boss = await addPerson(server, 'boss', 'super_admin')
    const admin = await addPerson(server, 'admin', 'admin')
    const strong = { token: (await makeKey(scopes, admin)).key }
    expectOk(await query(server.baseUrl, 'users.list', {}, strong), { large: true })
    expectRefused(await mutate(server.baseUrl, 'users.suspend', { id: user.id }, strong), 403)
    expectOk(await mutate(server.baseUrl, 'users.setRole', { id: admin.id, role: 'user' }, boss))
    expectRefused(await query(server.baseUrl, 'users.list', {}, strong), 403)
  })

  test('end when they expire or are revoked, at once', async () => {
    const soon = new Date(clock.now().getTime() + DAY).toISOString()
    const [expiring, revoked] = [await makeKey(['users:read'], user, soon), await makeKey(['users:read'])]
    for (const { key } of [expiring, revoked]) expectOk(await me(key))
    expectOk(await mutate(server.baseUrl, 'apiKeys.revoke', { id: revoked.id }, user))
    expectRefused(await me(revoked.key), 401)
    clock.move(DAY + 1_000)
    expectRefused(await me(expiring.key), 401)
    clock.reset()
  })

  test('of others cannot be revoked, and other spellings of a key are no key', async () => {
    const { id, key } = await makeKey(['users:read'])
    const stranger = await addPerson(server)
    const answer = await expectNoEffect(server.database, () =>
      mutate(server.baseUrl, 'apiKeys.revoke', { id }, stranger),
    )
    expectRefused(answer, 404)
    for (const other of [
      `${key}=`,
      `${key}A`,
      key.slice(0, -1),
      key.toUpperCase(),
      key.slice(4),
      `${key}.x`,
    ]) {
      expectRefused(await me(other), 401)
    }
    expectOk(await me(key))
  })

  test('outlive the sessions but not the user', async () => {
    const person = await addPerson(server)
    const { key } = await makeKey(['users:read'], person)
    expectOk(await mutate(server.baseUrl, 'auth.logoutAll', undefined, person))
    expectOk(await me(key))
    const boss = await addPerson(server, 'boss', 'super_admin')
    expectOk(await mutate(server.baseUrl, 'users.delete', { id: person.id }, boss))
    expectRefused(await me(key), 401)
  })
})
