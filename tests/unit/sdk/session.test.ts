import { createClient, memoryTokens, type PlinthError, type Tokens } from '@plinth/client'
import { expect, test } from 'vitest'
import { type Answer, type ScriptedCall, startScriptedServer } from './scripted-server.ts'

const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString()
const tokens = (n: number): Tokens => ({
  accessToken: `access-${n}`,
  refreshToken: `refresh-${n}`,
  expiresAt: inAnHour(),
})
const unauthorized: Answer = { code: 'UNAUTHORIZED', status: 401 }
const onlyWith =
  (token: string) =>
  (call: ScriptedCall): Answer =>
    call.token === token ? { data: call.token } : unauthorized
const credentials = { email: 'a@b.test', password: 'correct horse battery' }

test('a login leaves a token for the calls after it, a logout takes it away', async () => {
  await using server = await startScriptedServer({
    'auth.login': () => ({ data: { user: {}, ...tokens(1) } }),
    'auth.logout': () => ({ data: { ok: true } }),
    'users.me': (call) => ({ data: call.token ?? 'nobody' }),
  })
  const storage = memoryTokens()
  const client = createClient({ baseUrl: server.baseUrl, tokens: storage })
  await client.auth.login.mutate(credentials)
  expect(server.calls[0]?.headers).not.toHaveProperty('idempotency-key')
  expect(await client.users.me.query()).toBe('access-1')
  await client.auth.logout.mutate()
  expect(await storage.get()).toBeNull()
  expect(await client.users.me.query()).toBe('nobody')
})

test('a wrong password is an error of its own, not the end of a session', async () => {
  await using server = await startScriptedServer({
    'auth.login': () => ({ code: 'UNAUTHORIZED', status: 401, reason: 'INVALID_CREDENTIALS' }),
  })
  const client = createClient({ baseUrl: server.baseUrl, tokens: memoryTokens(tokens(1)) })
  const login = client.auth.login
  const error: unknown = await login.mutate(credentials).catch((thrown: unknown) => thrown)
  expect(login.isError(error) && error.reason).toBe('INVALID_CREDENTIALS')
  expect(server.calls.map((call) => [call.path, call.token])).toEqual([['auth.login', undefined]])
})

test('many refused calls cause one refresh, and each is tried once more', async () => {
  await using server = await startScriptedServer({
    'users.me': onlyWith('access-2'),
    'auth.refresh': () => ({ data: tokens(2) }),
  })
  const client = createClient({ baseUrl: server.baseUrl, tokens: memoryTokens(tokens(1)), batch: false })
  const answers = await Promise.all(Array.from({ length: 20 }, () => client.users.me.query()))
  expect(new Set(answers)).toEqual(new Set(['access-2']))
  const refreshes = server.calls.filter((call) => call.path === 'auth.refresh')
  expect(refreshes.map((call) => call.input)).toEqual([{ refreshToken: 'refresh-1' }])
})

test('A13: a refresh whose answer was lost is asked again with the same token', async () => {
  await using server = await startScriptedServer({
    'users.me': onlyWith('access-2'),
    'auth.refresh': ({ earlier }) => (earlier < 2 ? 'drop' : { data: tokens(2) }),
  })
  const client = createClient({ baseUrl: server.baseUrl, tokens: memoryTokens(tokens(1)) })
  expect(await client.users.me.query()).toBe('access-2')
  const refreshes = server.calls.filter((call) => call.path === 'auth.refresh')
  expect(refreshes.map((call) => call.input)).toEqual(Array(3).fill({ refreshToken: 'refresh-1' }))
})

test('a token about to expire is renewed before the call', async () => {
  await using server = await startScriptedServer({
    'users.me': onlyWith('access-2'),
    'auth.refresh': () => ({ data: tokens(2) }),
  })
  const expiring = { ...tokens(1), expiresAt: new Date(Date.now() + 5_000).toISOString() }
  const client = createClient({ baseUrl: server.baseUrl, tokens: memoryTokens(expiring) })
  await client.users.me.query()
  expect(server.calls.map((call) => call.path)).toEqual(['auth.refresh', 'users.me'])
})

test('when the refresh token is refused the session ends once and is forgotten', async () => {
  await using server = await startScriptedServer({
    'users.me': () => unauthorized,
    'auth.refresh': () => unauthorized,
  })
  const storage = memoryTokens(tokens(1))
  const ended: PlinthError[] = []
  const client = createClient({
    baseUrl: server.baseUrl,
    tokens: storage,
    onSessionEnd: (error) => void ended.push(error),
  })
  const calls = await Promise.allSettled([client.users.me.query(), client.users.me.query()])
  expect(calls.map((call) => call.status)).toEqual(['rejected', 'rejected'])
  expect(ended.map((error) => error.code)).toEqual(['UNAUTHORIZED'])
  expect(await storage.get()).toBeNull()
})

test('a session stays when the server cannot be asked', async () => {
  await using server = await startScriptedServer({
    'users.me': () => unauthorized,
    'auth.refresh': () => ({ code: 'INTERNAL_SERVER_ERROR', status: 500 }),
  })
  const storage = memoryTokens(tokens(1))
  const client = createClient({ baseUrl: server.baseUrl, tokens: storage })
  await expect(client.users.me.query()).rejects.toMatchObject({
    code: 'INTERNAL_SERVER_ERROR',
    path: 'users.me',
  })
  expect(await storage.get()).toMatchObject({ accessToken: 'access-1', refreshToken: 'refresh-1' })
})

test('another tab that has refreshed meanwhile is believed', async () => {
  const storage = memoryTokens(tokens(1))
  await using server = await startScriptedServer({
    'users.me': onlyWith('access-2'),
    'auth.refresh': async () => {
      await storage.set(tokens(2))
      return unauthorized
    },
  })
  const ended: PlinthError[] = []
  const client = createClient({
    baseUrl: server.baseUrl,
    tokens: storage,
    onSessionEnd: (error) => void ended.push(error),
  })
  expect(await client.users.me.query()).toBe('access-2')
  expect(ended).toEqual([])
})

test('a logout during a refresh is not undone by it', async () => {
  const refresh = Promise.withResolvers<Answer>()
  const asked = Promise.withResolvers<void>()
  await using server = await startScriptedServer({
    'users.me': onlyWith('access-2'),
    'auth.refresh': () => {
      asked.resolve()
      return refresh.promise
    },
    'auth.logout': () => ({ data: { ok: true } }),
  })
  const storage = memoryTokens(tokens(1))
  const client = createClient({ baseUrl: server.baseUrl, tokens: storage })
  const call = client.users.me.query().catch(() => undefined)
  await asked.promise
  await client.auth.logout.mutate()
  refresh.resolve({ data: tokens(2) })
  await call
  expect(await storage.get()).toBeNull()
})

test('cookie mode sends no refresh token and says so', async () => {
  await using server = await startScriptedServer({
    'users.me': onlyWith('access-2'),
    'auth.refresh': () => ({ data: { ...tokens(2), refreshToken: null } }),
  })
  const client = createClient({ baseUrl: server.baseUrl, cookies: true })
  expect(await client.users.me.query()).toBe('access-2')
  const refresh = server.calls.find((call) => call.path === 'auth.refresh')
  expect(refresh?.input).toEqual({})
  expect(refresh?.headers['x-plinth-cookies']).toBe('1')
})

test('an API key is the token, and nothing is refreshed', async () => {
  await using server = await startScriptedServer({ 'users.me': onlyWith('other') })
  const client = createClient({ baseUrl: server.baseUrl, apiKey: 'key-1' })
  await expect(client.users.me.query()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  expect(server.calls.map((call) => [call.path, call.token])).toEqual([['users.me', 'key-1']])
})
