import {
  type ClientOptions,
  createClient,
  isPlinthError,
  PlinthError,
  safe,
  type Tokens,
} from '@plinth/client'
import { expect, test, vi } from 'vitest'
import { type Answer, startScriptedServer } from './scripted-server.ts'

const projectId = '8d6a4d9c-2f1b-4c6e-9a57-0d3b1e8f7a21'
const task = { projectId, title: 'Write tests' }
const quick = { attempts: 4, baseDelayMs: 5, maxDelayMs: 50 }
const unavailable: Answer = { code: 'SERVICE_UNAVAILABLE', status: 503 }

test('a mutation whose answer was lost is sent again under the same key; the next call has another', async () => {
  await using server = await startScriptedServer({
    'tasks.create': ({ earlier }) => (earlier < 2 ? 'drop' : { data: {} }),
  })
  const client = createClient({ baseUrl: server.baseUrl, retry: quick })
  await client.tasks.create.mutate(task)
  await client.tasks.create.mutate(task)
  await client.tasks.create.mutate(task, { idempotencyKey: 'mine' })
  const keys = server.calls.map((call) => call.headers['idempotency-key'])
  expect(keys).toHaveLength(5)
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
  expect(new Set(keys.slice(0, 3)).size).toBe(1)
  expect(keys[3]).not.toBe(keys[0])
  expect(keys[4]).toBe('mine')
})

test.each<[string, Answer, number]>([
  ['503', unavailable, 4],
  ['429 with a short wait', { code: 'TOO_MANY_REQUESTS', status: 429, retryAfterMs: 10 }, 4],
  ['429 with a long wait', { code: 'TOO_MANY_REQUESTS', status: 429, retryAfterMs: 60_000 }, 1],
  ['a proxy’s 502', { status: 502, page: '<h1>Bad gateway</h1>' }, 4],
  ['a lost connection', 'drop', 4],
  ['500', { code: 'INTERNAL_SERVER_ERROR', status: 500 }, 1],
  ['400', { code: 'BAD_REQUEST', status: 400 }, 1],
  ['409', { code: 'CONFLICT', status: 409, reason: 'VERSION_CONFLICT' }, 1],
  ['a page that is not the server’s', { status: 200, page: '<h1>Hello</h1>' }, 1],
])('%s', async (_name, answer, tries) => {
  await using server = await startScriptedServer({ 'tasks.create': () => answer, 'tasks.list': () => answer })
  const client = createClient({ baseUrl: server.baseUrl, retry: quick })
  const [error] = await safe(client.tasks.create.mutate(task))
  expect(error).toBeInstanceOf(Error)
  expect(server.calls).toHaveLength(tries)
  expect((await safe(client.tasks.list.query({ projectId })))[0]?.code).toBe(error?.code)
  expect(server.calls).toHaveLength(2 * tries)
})

test('waitForLimits waits as often and as long as the server asks, which costs no tries', async () => {
  const refused: Answer = { code: 'TOO_MANY_REQUESTS', status: 429, retryAfterMs: 60 }
  await using server = await startScriptedServer({
    'tasks.create': ({ earlier }) => (earlier < 5 ? refused : { data: {} }),
    'users.me': () => ({ ...refused, retryAfterMs: 60_000 }),
  })
  const client = createClient({
    baseUrl: server.baseUrl,
    retry: { attempts: 2, baseDelayMs: 5, maxDelayMs: 10, waitForLimits: true },
  })
  const started = performance.now()
  await client.tasks.create.mutate(task)
  expect(performance.now() - started).toBeGreaterThanOrEqual(5 * 60)
  expect(server.calls).toHaveLength(6)
  expect(new Set(server.calls.map((call) => call.headers['idempotency-key'])).size).toBe(1)
  // Never beyond the deadline, nor longer than the caller will wait.
  const slow = client.users.me.query(undefined, { timeoutMs: 100 })
  await expect(slow).rejects.toMatchObject({ code: 'TIMEOUT' })
  const impatient = client.users.me.query(undefined, { retry: { waitForLimits: 1_000 } })
  await expect(impatient).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' })
  const never = client.users.me.query(undefined, { retry: false })
  await expect(never).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' })
})

test.each<[string, { readonly retryAfterMs?: number }]>([
  ['in an hour', { retryAfterMs: 3_600_000 }],
  ['that no waiting fills', {}],
])('a spent budget %s is not waited for', async (_when, retry) => {
  const spent: Answer = { code: 'TOO_MANY_REQUESTS', status: 429, reason: 'BUDGET_EXCEEDED', ...retry }
  await using server = await startScriptedServer({ 'users.me': () => spent })
  const client = createClient({ baseUrl: server.baseUrl, retry: { ...quick, waitForLimits: true } })
  await expect(client.users.me.query()).rejects.toMatchObject({ reason: 'BUDGET_EXCEEDED', ...retry })
  expect(server.calls).toHaveLength(1)
})

test('retry: false tries once', async () => {
  await using server = await startScriptedServer({ 'users.me': () => unavailable })
  const client = createClient({ baseUrl: server.baseUrl })
  await expect(client.users.me.query(undefined, { retry: false })).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
  })
  expect(server.calls).toHaveLength(1)
})

test('a deadline covers all tries, and an abort ends them', async () => {
  await using server = await startScriptedServer({
    'users.me': () => unavailable,
    'tasks.list': () => 'hang',
  })
  const client = createClient({
    baseUrl: server.baseUrl,
    retry: { attempts: 1_000, baseDelayMs: 5, maxDelayMs: 20 },
  })
  await expect(client.users.me.query(undefined, { timeoutMs: 100 })).rejects.toMatchObject({
    code: 'TIMEOUT',
    retryable: true,
  })
  expect(server.calls.length).toBeGreaterThan(1)
  const controller = new AbortController()
  const call = client.tasks.list.query({ projectId }, { signal: controller.signal })
  controller.abort(new Error('gone'))
  await expect(call).rejects.toMatchObject({ code: 'ABORTED', cause: { message: 'gone' } })
  await expect(client.users.me.query(undefined, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'ABORTED',
  })
})

test.each([Number.POSITIVE_INFINITY, 2 ** 31, 1e300])(
  'timeoutMs: %d does not end a call at once',
  async (timeoutMs) => {
    const answer = Promise.withResolvers<Answer>()
    await using server = await startScriptedServer({
      'users.me': () => answer.promise,
      'tasks.list': () => ({ data: {} }),
    })
    const client = createClient({ baseUrl: server.baseUrl, timeoutMs, batch: false })
    const call = safe(client.users.me.query())
    for (let round = 0; round < 5; round += 1) await client.tasks.list.query({ projectId })
    answer.resolve({ data: 'me' })
    expect(await call).toEqual([null, 'me'])
  },
)

test('a failed mutation says the key it was sent with', async () => {
  await using server = await startScriptedServer({
    'tasks.create': () => 'drop',
    'tasks.update': () => ({ code: 'CONFLICT', status: 409, reason: 'VERSION_CONFLICT' }),
    'tasks.list': () => 'drop',
  })
  const client = createClient({ baseUrl: server.baseUrl, retry: quick })
  const [lost] = await safe(client.tasks.create.mutate(task))
  expect(lost).toMatchObject({ code: 'NETWORK_ERROR', retryable: true })
  expect(lost?.idempotencyKey).toBe(server.calls[0]?.headers['idempotency-key'])
  const update = { id: projectId, data: { title: 'x' }, version: 1 }
  const [refused] = await safe(client.tasks.update.mutate(update, { idempotencyKey: 'mine' }))
  expect(refused).toMatchObject({ reason: 'VERSION_CONFLICT', traceId: 't', idempotencyKey: 'mine' })
  expect((await safe(client.tasks.list.query({ projectId })))[0]?.idempotencyKey).toBeUndefined()
})

const broken = new Error('broken')
const fail = (): never => {
  throw broken
}

test.each<[string, Partial<ClientOptions>, object]>([
  ['headers that throw', { headers: fail }, {}],
  ['a token storage that fails', { tokens: { get: fail, set: fail } }, {}],
  ['an input that is not JSON', {}, { toJSON: fail }],
])(
  '%s: a mistake of the program is neither repeated nor called a network error',
  async (_name, options, more) => {
    await using server = await startScriptedServer({}, { 'tasks.onChange': (_call, res) => void res.end() })
    const client = createClient({ baseUrl: server.baseUrl, retry: quick, ...options })
    const expected = { name: 'PlinthError', code: 'CLIENT_ERROR', retryable: false, cause: broken }
    await expect(client.tasks.list.query({ projectId, ...more })).rejects.toMatchObject(expected)
    await expect(client.tasks.create.mutate({ ...task, ...more })).rejects.toMatchObject(expected)
    const events = client.tasks.onChange.subscribe({ projectId, ...more })
    await expect(events.next()).rejects.toMatchObject(expected)
    expect(server.calls).toEqual([])
  },
)

test('an answer cut off in the middle is a network error, one that is not JSON a bad response', async () => {
  const cut: typeof fetch = async () =>
    new Response(new ReadableStream({ pull: (body) => body.error(broken) }), {
      headers: { 'content-type': 'application/json' },
    })
  const baseUrl = 'http://localhost'
  const [error] = await safe(createClient({ baseUrl, fetch: cut, retry: false }).users.me.query())
  expect(error).toMatchObject({ code: 'NETWORK_ERROR', retryable: true, cause: broken })
  const garbled: typeof fetch = async () =>
    new Response('{"result', { headers: { 'content-type': 'application/json' } })
  const [other] = await safe(createClient({ baseUrl, fetch: garbled }).users.me.query())
  expect(other).toMatchObject({ code: 'BAD_RESPONSE', retryable: false, status: 200 })
})

test('no server at all is a network error', async () => {
  const server = await startScriptedServer({})
  await server[Symbol.asyncDispose]()
  const client = createClient({ baseUrl: server.baseUrl, retry: false })
  await expect(client.users.me.query()).rejects.toMatchObject({
    code: 'NETWORK_ERROR',
    retryable: true,
    path: 'users.me',
  })
})

test('queries of one moment travel together, ten at most; long ones and mutations alone', async () => {
  await using server = await startScriptedServer({
    'tasks.list': (call) => ({ data: call.input }),
    'tasks.create': () => ({ data: {} }),
    'users.me': () => ({ data: {} }),
  })
  const client = createClient({ baseUrl: server.baseUrl })
  const searches = Array.from({ length: 23 }, (_, index) => ({ projectId, search: `q${index}` }))
  const answers = await Promise.all(searches.map((input) => client.tasks.list.query(input)))
  expect(answers).toEqual(searches)
  expect(Math.max(...server.requests)).toBeGreaterThan(1)
  expect(Math.max(...server.requests)).toBeLessThanOrEqual(10)
  const before = server.requests.length
  await Promise.all([
    client.users.me.query(),
    client.tasks.list.query({ projectId, search: 'é'.repeat(200) }),
    client.tasks.create.mutate(task),
    client.tasks.create.mutate(task),
  ])
  expect(server.requests.slice(before)).toEqual([1, 1, 1, 1])
})

test('queries with different tokens never share a request', async () => {
  await using server = await startScriptedServer({ 'users.me': (call) => ({ data: call.token }) })
  let reads = 0
  const get = (): Tokens => {
    reads += 1
    return { accessToken: `access-${reads % 2}`, expiresAt: '2100-01-01T00:00:00Z' }
  }
  const client = createClient({ baseUrl: server.baseUrl, tokens: { get, set() {} } })
  const answers = await Promise.all(Array.from({ length: 6 }, () => client.users.me.query()))
  expect(answers).toEqual(['access-1', 'access-0', 'access-1', 'access-0', 'access-1', 'access-0'])
  expect(server.requests).toEqual([3, 3])
})

test('one failed call of a batch leaves the others alone', async () => {
  await using server = await startScriptedServer({
    'users.me': () => ({ data: 'me' }),
    'tasks.list': () => ({ code: 'NOT_FOUND', status: 404 }),
  })
  const client = createClient({ baseUrl: server.baseUrl })
  const [me, list] = await Promise.all([
    safe(client.users.me.query()),
    safe(client.tasks.list.query({ projectId })),
  ])
  expect(me).toEqual([null, 'me'])
  expect(list[0]).toMatchObject({ code: 'NOT_FOUND', status: 404, path: 'tasks.list', traceId: 't' })
})

test('headers are sent, and asked for before every request', async () => {
  await using server = await startScriptedServer({ 'users.me': () => ({ data: {} }) })
  let count = 0
  const client = createClient({
    baseUrl: `${server.baseUrl}/`,
    headers: async () => {
      count += 1
      return { 'x-count': String(count) }
    },
  })
  await client.users.me.query()
  await client.users.me.query()
  expect(server.calls.map((call) => call.headers['x-count'])).toEqual(['1', '2'])
})

test('errors are recognised across copies of the package, and by procedure', async () => {
  await using server = await startScriptedServer({ 'users.me': () => ({ code: 'FORBIDDEN', status: 403 }) })
  vi.resetModules()
  const copy = await import('@plinth/client')
  const theirs = copy.createClient({ baseUrl: server.baseUrl })
  const error: unknown = await theirs.users.me.query().catch((thrown: unknown) => thrown)
  expect(error).not.toBeInstanceOf(PlinthError)
  expect(isPlinthError(error)).toBe(true)
  const ours = createClient({ baseUrl: server.baseUrl })
  expect(ours.users.me.isError(error)).toBe(true)
  expect(ours.tasks.list.isError(error)).toBe(false)
  expect(isPlinthError(new Error('no'))).toBe(false)
})

test('a client without an address says what it lacks', () => {
  expect(() => Reflect.apply(createClient, undefined, [{ url: 'http://localhost:4000' }])).toThrow(/baseUrl/)
})
