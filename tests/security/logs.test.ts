import { randomUUID } from 'node:crypto'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLogger } from '../../server/src/platform/logger.ts'
import { expectOk } from '../support/expect-clean.ts'
import { mutate, query, send } from '../support/http.ts'
import { addPerson, newAddress, newEmail, PASSWORD, textOf, tryLogIn } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { openStream } from '../support/sse.ts'
import { until } from '../support/until.ts'

let log = ''
let server: TestServer

beforeAll(async () => {
  const stream = new PassThrough()
  stream.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  server = await startServer({
    variables: { TRUSTED_PROXIES: '127.0.0.1' },
    overrides: { logger: createLogger({ level: 'debug', format: 'json', stream }) },
  })
})
afterAll(() => server[Symbol.asyncDispose]())

const lines = (): Record<string, unknown>[] =>
  log
    .trim()
    .split('\n')
    .map((line) => ({ ...JSON.parse(line) }))

describe('T14 no credential reaches the log', () => {
  test('after a day in the life of an account, nothing secret is in any line', async () => {
    const { baseUrl } = server
    const secrets: string[] = [PASSWORD]
    const person = await addPerson(server)
    secrets.push(person.token, person.refreshToken)
    const refreshed = await mutate(baseUrl, 'auth.refresh', { refreshToken: person.refreshToken })
    secrets.push(textOf(refreshed, 'accessToken'), textOf(refreshed, 'refreshToken'))
    const key = await mutate(baseUrl, 'apiKeys.create', { name: 'Key', scopes: ['users:read'] }, person)
    secrets.push(textOf(expectOk(key, { tokens: true }), 'key'))
    expectOk(await query(baseUrl, 'users.me', undefined, { token: textOf(key, 'key') }))
    await mutate(baseUrl, 'auth.requestPasswordReset', { email: person.email })
    const mail = await server.mails.last(person.email, 'reset-password')
    const secret = /token=([\w.~-]+)/.exec(mail.text)?.[1] ?? ''
    const next = 'rT4 velvet anchor 91 meadow'
    secrets.push(secret, next)
    expectOk(await mutate(baseUrl, 'auth.resetPassword', { token: secret, password: next }))
    // And with everything that can be wrong about them.
    await tryLogIn(server, person.email, 'Wr0ng granite lamp 55')
    secrets.push('Wr0ng granite lamp 55')
    await mutate(
      baseUrl,
      'auth.register',
      { email: 'x', password: PASSWORD, fullName: 1 },
      { headers: newAddress() },
    )
    await mutate(baseUrl, 'auth.refresh', { refreshToken: [person.refreshToken] })
    await send(`${baseUrl}/trpc/users.me?access_token=${person.token}`, {
      headers: { authorization: `Basic ${person.token}` },
    })
    await send(`${baseUrl}/${person.token}`)
    using stream = await openStream(
      baseUrl,
      'tasks.onChange',
      {},
      { search: `&connectionParams={"token":"${person.token}"}` },
    )
    await stream.ended()
    expect(lines().length).toBeGreaterThan(10)
    expect(secrets.filter((one) => one.length < 8)).toEqual([])
    expect(secrets.filter((one) => log.includes(one))).toEqual([])
    expect(log).not.toMatch(/\$2b\$|eyJ[\w-]{20}/)
  })

  test('a line holds what is needed to find a call again', async () => {
    const person = await addPerson(server)
    const answer = await query(server.baseUrl, 'users.me', undefined, {
      ...person,
      headers: { 'x-request-id': 'find-me-again' },
    })
    expect(answer.headers.get('x-request-id')).toBe('find-me-again')
    const line = lines().find((one) => one.traceId === 'find-me-again')
    expect(line).toMatchObject({ procedure: 'users.me', actor: person.id, code: 'OK', level: 'info' })
  })

  test('text of users forges no line, and is cut', async () => {
    const forged = `\n{"level":"admin","message":"all is well"}\u001b[31m\u2028${'x'.repeat(100_000)}`
    const before = lines().length
    await mutate(
      server.baseUrl,
      'auth.register',
      { email: newEmail(), password: PASSWORD, fullName: forged },
      { headers: newAddress() },
    )
    await send(`${server.baseUrl}/trpc/users.me`, {
      headers: { 'user-agent': 'a\u001b[31m'.replace('\u001b', 'ESC'), 'x-request-id': '{"level":"admin"}' },
    })
    const after = lines()
    expect(after.length).toBeGreaterThan(before)
    expect(after.filter(({ level }) => level === 'admin')).toEqual([])
    expect(Math.max(...log.split('\n').map(({ length }) => length))).toBeLessThan(16_384)
  })

  test('expected refusals are no errors', () => {
    const refused = lines().filter(({ code }) =>
      ['UNAUTHORIZED', 'BAD_REQUEST', 'NOT_FOUND'].includes(String(code)),
    )
    expect(refused.length).toBeGreaterThan(2)
    expect(refused.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([])
    expect(lines().filter(({ level }) => level === 'error')).toEqual([])
  })
})

describe('O4 what matters for security is one line each, with who, what, whom and from where', () => {
  const lineOf = (traceId: string, message = 'call') =>
    until(`the ${message} line`, () =>
      lines().find((line) => line.traceId === traceId && line.message === message),
    )
  const traced = () => {
    const traceId = `o4-${randomUUID()}`
    const headers: Record<string, string> = { ...newAddress(), 'x-request-id': traceId }
    return { traceId, headers, ip: headers['x-forwarded-for'] }
  }

  test('a log-in, one that fails, and a change of role', async () => {
    const [person, root] = [await addPerson(server), await addPerson(server, 'root', 'super_admin')]
    const entered = traced()
    await tryLogIn(server, person.email, PASSWORD, entered.headers)
    const target = { targetType: 'user', target: person.id }
    expect(await lineOf(entered.traceId, 'audit')).toMatchObject({
      level: 'info',
      time: expect.stringMatching(/Z$/),
      action: 'auth.login',
      via: 'anonymous',
      ip: entered.ip,
      ...target,
    })
    const failed = traced()
    await tryLogIn(server, person.email, 'Wr0ng granite lamp 55', failed.headers)
    expect(await lineOf(failed.traceId, 'audit')).toMatchObject({
      action: 'auth.loginFailed',
      ip: failed.ip,
      ...target,
    })
    expect(await lineOf(failed.traceId)).toMatchObject({
      code: 'UNAUTHORIZED',
      reason: 'INVALID_CREDENTIALS',
    })
    const raised = traced()
    const input = { id: person.id, role: 'admin' }
    expectOk(
      await mutate(server.baseUrl, 'users.setRole', input, { token: root.token, headers: raised.headers }),
    )
    expect(await lineOf(raised.traceId, 'audit')).toMatchObject({
      action: 'users.setRole',
      actor: root.id,
      via: expect.stringMatching(/^session:/),
      ip: raised.ip,
      ...target,
    })
  })

  test('a replayed refresh token', async () => {
    const person = await addPerson(server)
    const refresh = (refreshToken: string, headers: Record<string, string> = newAddress()) =>
      mutate(server.baseUrl, 'auth.refresh', { refreshToken }, { headers })
    const second = textOf(expectOk(await refresh(person.refreshToken), { tokens: true }), 'refreshToken')
    expectOk(await refresh(second), { tokens: true })
    const replay = traced()
    await refresh(person.refreshToken, replay.headers)
    expect(await lineOf(replay.traceId, 'audit')).toMatchObject({
      action: 'auth.refreshReuse',
      targetType: 'session',
      ip: replay.ip,
    })
  })

  test('a refusal, the use of a key, and what an admin reads', async () => {
    const [person, admin] = [await addPerson(server), await addPerson(server, 'admin', 'admin')]
    const refused = traced()
    const headers = refused.headers
    await mutate(server.baseUrl, 'users.suspend', { id: admin.id }, { token: person.token, headers })
    expect(await lineOf(refused.traceId)).toMatchObject({
      code: 'FORBIDDEN',
      actor: person.id,
      via: expect.stringMatching(/^session:/),
      target: { id: admin.id },
      ip: refused.ip,
    })
    const scoped = { name: 'Key', scopes: ['users:read'] }
    const key = expectOk(await mutate(server.baseUrl, 'apiKeys.create', scoped, admin), { tokens: true })
    const used = traced()
    const byKey = { token: textOf(key, 'key'), headers: used.headers }
    expectOk(await query(server.baseUrl, 'users.get', { id: person.id }, byKey))
    expect(await lineOf(used.traceId)).toMatchObject({
      procedure: 'users.get',
      actor: admin.id,
      via: `apiKey:${textOf(key, 'id')}`,
      target: { id: person.id },
      ip: used.ip,
    })
  })

  test('and only ids of an input are told', async () => {
    const person = await addPerson(server)
    const call = traced()
    const id = 'not-an-id\n{"level":"admin"}'
    await mutate(
      server.baseUrl,
      'tasks.delete',
      { id, projectId: PASSWORD },
      { token: person.token, headers: call.headers },
    )
    expect((await lineOf(call.traceId)).target).toBeUndefined()
  })
})

test('the last line of a stream has the trace id of its call, whoever else streams', async () => {
  const { baseUrl } = server
  const [first, second] = [await addPerson(server), await addPerson(server)]
  // What looks after all streams was begun by the first.
  const open = (who: typeof first, traceId: string) =>
    openStream(baseUrl, 'notifications.onNew', {}, { ...who, headers: { 'x-request-id': traceId } })
  using _first = await open(first, 'stream-of-first')
  using other = await open(second, 'stream-of-second')
  expectOk(await mutate(baseUrl, 'auth.logoutAll', undefined, second))
  await other.ended()
  const ended = await until('the line', () =>
    lines().find(({ message, actor }) => message === 'stream ended' && actor === second.id),
  )
  expect(ended).toMatchObject({ traceId: 'stream-of-second', code: 'UNAUTHORIZED' })
})
