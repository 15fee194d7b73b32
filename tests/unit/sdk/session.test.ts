import { type Client, createClient, memoryTokens, type PlinthError, type Tokens } from '@plinth/client'
import { expect, test, vi } from 'vitest'
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

const expiring = (ms: number): Tokens => ({
  ...tokens(1),
  expiresAt: new Date(Date.now() + ms).toISOString(),
})

test('an expired token is renewed before the call', async () => {
  await using server = await startScriptedServer({
    'users.me': onlyWith('access-2'),
    'auth.refresh': () => ({ data: tokens(2) }),
  })
  const client = createClient({ baseUrl: server.baseUrl, tokens: memoryTokens(expiring(-1_000)) })
  await client.users.me.query()
  expect(server.calls.map((call) => call.path)).toEqual(['auth.refresh', 'users.me'])
})

test('a token about to expire is used while it holds, and renewed behind the calls', async () => {
  const refresh = Promise.withResolvers<Answer>()
  await using server = await startScriptedServer({
    'users.me': (call) => ({ data: call.token }),
    'auth.refresh': () => refresh.promise,
  })
  const storage = memoryTokens(expiring(20_000))
  const client = createClient({ baseUrl: server.baseUrl, tokens: storage })
  expect(await client.users.me.query()).toBe('access-1')
  expect(await client.users.me.query()).toBe('access-1')
  refresh.resolve({ data: tokens(2) })
  await vi.waitFor(async () => expect((await storage.get())?.accessToken).toBe('access-2'))
  expect(await client.users.me.query()).toBe('access-2')
  expect(server.calls.filter((call) => call.path === 'auth.refresh')).toHaveLength(1)
})

test('an early refresh that failed is not tried again at once', async () => {
  await using server = await startScriptedServer({
    'users.me': (call) => ({ data: call.token }),
    'auth.refresh': () => ({ code: 'INTERNAL_SERVER_ERROR', status: 500 }),
  })
  const client = createClient({ baseUrl: server.baseUrl, tokens: memoryTokens(expiring(20_000)) })
  for (let round = 0; round < 10; round += 1) expect(await client.users.me.query()).toBe('access-1')
  expect(server.calls.filter((call) => call.path === 'auth.refresh')).toHaveLength(1)
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

test('a late answer to a refresh does not replace the login of another tab', async () => {
  const storage = memoryTokens(tokens(1))
  await using server = await startScriptedServer({
    'users.me': onlyWith('access-9'),
    'auth.refresh': async () => {
      await storage.set(tokens(9))
      return { data: tokens(2) }
    },
  })
  const client = createClient({ baseUrl: server.baseUrl, tokens: storage })
  expect(await client.users.me.query()).toBe('access-9')
  expect(await storage.get()).toMatchObject({ accessToken: 'access-9' })
})

test('a login while a slow storage is read is not replaced by the refresh that began before it', async () => {
  const refresh = Promise.withResolvers<Answer>()
  const read = Promise.withResolvers<void>()
  await using server = await startScriptedServer({
    'users.me': () => unauthorized,
    'auth.refresh': () => refresh.promise,
    'auth.login': () => ({ data: { user: {}, ...tokens(9) } }),
  })
  const storage = memoryTokens(tokens(1))
  let reads = 0
  const slow = {
    set: storage.set,
    async get() {
      const found = await storage.get()
      reads += 1
      if (reads === 2) await read.promise
      return found
    },
  }
  const client = createClient({ baseUrl: server.baseUrl, tokens: slow })
  const call = client.users.me.query().catch(() => undefined)
  await vi.waitFor(() => expect(reads).toBe(2))
  await client.auth.login.mutate(credentials)
  read.resolve()
  refresh.resolve({ data: tokens(2) })
  await call
  expect(await storage.get()).toMatchObject({ accessToken: 'access-9' })
})

const me = '4a1d9f0e-5c1b-4f7e-8f0a-2b7d7c1e9a10'
const accessToken = `e30.${Buffer.from(JSON.stringify({ sub: me, email: 'é@b.test' })).toString('base64url')}.x`

test.each<[string, (client: Client) => Promise<unknown>]>([
  ['auth.logout', (client) => client.auth.logout.mutate()],
  ['auth.logoutAll', (client) => client.auth.logoutAll.mutate()],
  ['users.delete', (client) => client.users.delete.mutate({ id: me })],
])('%s whose answer was lost has ended the session', async (path, end) => {
  await using server = await startScriptedServer({
    [path]: ({ earlier }) => (earlier === 0 ? 'drop' : unauthorized),
    'auth.refresh': () => unauthorized,
  })
  const storage = memoryTokens({ ...tokens(1), accessToken })
  const ended: PlinthError[] = []
  const client = createClient({
    baseUrl: server.baseUrl,
    tokens: storage,
    retry: { baseDelayMs: 5 },
    onSessionEnd: (error) => void ended.push(error),
  })
  expect(await end(client)).toEqual({ ok: true })
  expect(await storage.get()).toBeNull()
  expect(ended).toEqual([])
  expect(server.calls.map((call) => [call.path, call.token])).toEqual(Array(2).fill([path, accessToken]))
})

test('deleting somebody else leaves the session, and a refused token is renewed', async () => {
  await using server = await startScriptedServer({
    'users.delete': ({ earlier }) =>
      (['drop', unauthorized, { data: { ok: true } }] as const)[earlier] ?? 'hang',
    'auth.refresh': () => ({ data: tokens(2) }),
  })
  const storage = memoryTokens({ ...tokens(1), accessToken })
  const client = createClient({ baseUrl: server.baseUrl, tokens: storage, retry: { baseDelayMs: 5 } })
  await client.users.delete.mutate({ id: '5b1d9f0e-5c1b-4f7e-8f0a-2b7d7c1e9a10' })
  expect(await storage.get()).toMatchObject({ accessToken: 'access-2' })
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

test('cookie mode asks once whether somebody is logged in, and again after a login', async () => {
  await using server = await startScriptedServer({
    'users.me': () => unauthorized,
    'auth.refresh': () => unauthorized,
    'auth.login': () => ({ data: { user: {}, ...tokens(1), refreshToken: null } }),
  })
  const client = createClient({ baseUrl: server.baseUrl, cookies: true })
  const refreshes = () => server.calls.filter((call) => call.path === 'auth.refresh').length
  for (let round = 0; round < 3; round += 1)
    await expect(client.users.me.query()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  expect(refreshes()).toBe(1)
  await client.auth.login.mutate(credentials)
  for (let round = 0; round < 3; round += 1)
    await expect(client.users.me.query()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  expect(refreshes()).toBe(2)
})

test('an API key is the token, and nothing is refreshed', async () => {
  await using server = await startScriptedServer({ 'users.me': onlyWith('other') })
  const client = createClient({ baseUrl: server.baseUrl, apiKey: 'key-1' })
  await expect(client.users.me.query()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  expect(server.calls.map((call) => [call.path, call.token])).toEqual([['users.me', 'key-1']])
})
