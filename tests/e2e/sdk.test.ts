import { randomBytes } from 'node:crypto'
import { type Client, createClient, isPlinthError, memoryTokens, safe } from '@plinth/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCookieJar } from '../support/cookie-jar.ts'
import { pathsOf, recordingFetch } from '../support/recording-fetch.ts'
import { openSite, type Site } from '../support/server-process.ts'
import { startProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const PAGE_ORIGIN = 'https://app.plinth.test'
const PASSWORD = 'eleven owls left the old barn'

let site: Site
let wire: TcpProxy
/** Logged in, straight to the server. */
let client: Client
let email: string
let projectId: string

beforeAll(async () => {
  site = await openSite({ CORS_ORIGINS: PAGE_ORIGIN })
  wire = await startProxy(site.port)
  client = createClient({ baseUrl: site.baseUrl })
  email = unique()
  await client.auth.register.mutate({ email, password: PASSWORD, fullName: 'Nora' })
  const project = await client.projects.create.mutate({ name: 'Wires', slug: 'wires' })
  projectId = project.id
})

afterAll(async () => {
  await wire?.[Symbol.asyncDispose]()
  await site?.[Symbol.asyncDispose]()
})

describe('sessions', () => {
  test('registers, reads, logs out and in again', async () => {
    const other = createClient({ baseUrl: site.baseUrl })
    const account = { email: unique(), password: PASSWORD }
    const { user } = await other.auth.register.mutate({ ...account, fullName: 'Otto' })
    expect(await other.users.me.query()).toEqual(user)
    await other.auth.logout.mutate()
    expect((await safe(other.users.me.query()))[0]).toMatchObject({ code: 'UNAUTHORIZED', status: 401 })
    await other.auth.login.mutate(account)
    expect((await other.users.me.query()).id).toBe(user.id)
  })

  test('20 refused calls at once cause one refresh and all succeed', async () => {
    const recording = recordingFetch()
    const stale = createClient({
      baseUrl: site.baseUrl,
      fetch: recording.fetch,
      batch: false,
      tokens: memoryTokens(await staleTokens()),
    })
    const answers = await Promise.all(Array.from({ length: 20 }, () => stale.users.me.query()))
    expect(new Set(answers.map((user) => user.email))).toEqual(new Set([email]))
    expect(recording.count('auth.refresh')).toBe(1)
    expect(recording.count('users.me')).toBe(40)
  })

  test('a refresh whose answer is lost does not end the session', async () => {
    const recording = recordingFetch((url) => {
      if (pathsOf(url).includes('auth.refresh') && recording.count('auth.refresh') === 1) wire.cutAnswers(1)
    })
    const stale = createClient({
      baseUrl: wire.baseUrl,
      fetch: recording.fetch,
      tokens: memoryTokens(await staleTokens()),
    })
    expect((await stale.users.me.query()).email).toBe(email)
    expect(wire.cutsLeft()).toBe(0)
    expect(recording.count('auth.refresh')).toBe(2)
  })

  test('tells once that a revoked session is over', async () => {
    const ended: string[] = []
    const other = createClient({ baseUrl: site.baseUrl, onSessionEnd: (error) => ended.push(error.code) })
    const account = { email: unique(), password: PASSWORD }
    await other.auth.register.mutate({ ...account, fullName: 'Ida' })
    const elsewhere = createClient({ baseUrl: site.baseUrl })
    await elsewhere.auth.login.mutate(account)
    await elsewhere.auth.logoutAll.mutate()
    const failures = await Promise.all(Array.from({ length: 5 }, () => safe(other.users.me.query())))
    expect(failures.map(([error]) => error?.code)).toEqual(Array(5).fill('UNAUTHORIZED'))
    expect(ended).toEqual(['UNAUTHORIZED'])
  })

  test('cookie mode keeps the refresh token in an HttpOnly cookie', async () => {
    const jar = createCookieJar(PAGE_ORIGIN)
    const tokens = memoryTokens()
    const page = createClient({ baseUrl: site.baseUrl, cookies: true, fetch: jar.fetch, tokens })
    const answer = await page.auth.login.mutate({ email, password: PASSWORD })
    expect(answer.refreshToken).toBeNull()
    const cookie = jar.cookies.get('plinth-refresh')
    expect(cookie?.attributes).toEqual(expect.arrayContaining(['httponly', 'samesite=strict', 'path=/']))

    // As after a reload: no access token in memory, only the cookie.
    const reloaded = createClient({ baseUrl: site.baseUrl, cookies: true, fetch: jar.fetch })
    expect((await reloaded.users.me.query()).email).toBe(email)
    expect(jar.cookies.get('plinth-refresh')?.value).not.toBe(cookie?.value)

    await reloaded.auth.logout.mutate()
    expect(jar.cookies.has('plinth-refresh')).toBe(false)
  })

  test('cookie mode is refused to the pages of a strange origin', async () => {
    const jar = createCookieJar('https://evil.example')
    const page = createClient({ baseUrl: site.baseUrl, cookies: true, fetch: jar.fetch })
    const [error] = await safe(page.auth.login.mutate({ email, password: PASSWORD }))
    expect(error).toMatchObject({ code: 'FORBIDDEN', reason: 'ORIGIN_REFUSED' })
    expect(jar.cookies.size).toBe(0)
  })
})

describe('calls over a bad connection', () => {
  test.each(['headers', 'body'] as const)(
    'a mutation whose answers are cut in the %s happens once',
    async (part) => {
      const behindWire = createClient({ baseUrl: wire.baseUrl, tokens: memoryTokens(await freshTokens()) })
      wire.cutAnswers(3, part)
      const task = await behindWire.tasks.create.mutate({ projectId, title: `Cut in the ${part}` })
      expect(wire.cutsLeft()).toBe(0)
      const found = await client.tasks.list.query({ projectId, search: task.title, page: 1 })
      expect(found.data.map(({ id }) => id)).toEqual([task.id])
      expect(found.pagination.total).toBe(1)
    },
  )

  test('a query whose answer is lost is asked again', async () => {
    const behindWire = createClient({ baseUrl: wire.baseUrl, tokens: memoryTokens(await freshTokens()) })
    wire.cutAnswers(2, 'body')
    expect((await behindWire.projects.get.query({ id: projectId })).slug).toBe('wires')
    expect(wire.cutsLeft()).toBe(0)
  })

  test('two calls with one key and input are one, and other input is refused', async () => {
    const idempotencyKey = randomBytes(8).toString('hex')
    const input = { projectId, title: 'With a key' }
    const first = await client.tasks.create.mutate(input, { idempotencyKey })
    const second = await client.tasks.create.mutate(input, { idempotencyKey })
    expect(second).toEqual(first)
    const [error] = await safe(client.tasks.create.mutate({ ...input, title: 'Other' }, { idempotencyKey }))
    expect(error).toMatchObject({
      code: 'UNPROCESSABLE_CONTENT',
      reason: 'IDEMPOTENCY_MISMATCH',
      retryable: false,
    })
  })

  test('a silent server ends in TIMEOUT, a caller who gives up in ABORTED', async () => {
    const behindWire = createClient({ baseUrl: wire.baseUrl, tokens: memoryTokens(await freshTokens()) })
    wire.hold(true)
    try {
      const [timeout] = await safe(behindWire.users.me.query(undefined, { timeoutMs: 200 }))
      expect(timeout).toMatchObject({ code: 'TIMEOUT', path: 'users.me', retryable: true, status: undefined })
      const controller = new AbortController()
      const call = safe(
        behindWire.tasks.create.mutate({ projectId, title: 'Never' }, { signal: controller.signal }),
      )
      controller.abort()
      expect((await call)[0]).toMatchObject({ code: 'ABORTED', path: 'tasks.create', retryable: false })
      const [before] = await safe(behindWire.users.me.query(undefined, { signal: AbortSignal.abort() }))
      expect(before).toMatchObject({ code: 'ABORTED' })
    } finally {
      wire.hold(false)
      wire.cutAll()
    }
    expect((await behindWire.users.me.query()).email).toBe(email)
  })

  test('nobody at the address is NETWORK_ERROR, and one try when that is asked for', async () => {
    const gone = await startProxy(site.port)
    await gone[Symbol.asyncDispose]()
    const recording = recordingFetch()
    const nobody = createClient({ baseUrl: gone.baseUrl, fetch: recording.fetch, retry: false })
    const [error] = await safe(nobody.auth.login.mutate({ email, password: PASSWORD }))
    expect(error).toMatchObject({ code: 'NETWORK_ERROR', retryable: true, status: undefined })
    expect(recording.requests).toHaveLength(1)
  })
})

describe('requests', () => {
  test('queries at once share requests within the bounds of the server, mutations go alone', async () => {
    const recording = recordingFetch()
    const batching = createClient({
      baseUrl: site.baseUrl,
      fetch: recording.fetch,
      tokens: memoryTokens(await freshTokens()),
    })
    const search = 'ü'.repeat(60)
    const lists = Array.from({ length: 25 }, () => batching.projects.get.query({ id: projectId }))
    const long = Array.from({ length: 12 }, () => batching.tasks.list.query({ projectId, search }))
    const writes = [1, 2, 3].map((n) => batching.tasks.create.mutate({ projectId, title: `Alone ${n}` }))
    const [projects, , tasks] = await Promise.all([
      Promise.all(lists),
      Promise.all(long),
      Promise.all(writes),
    ])
    expect(projects.map(({ id }) => id)).toEqual(Array(25).fill(projectId))
    expect(tasks.map(({ title }) => title)).toEqual(['Alone 1', 'Alone 2', 'Alone 3'])

    const sizes = recording.requests.map((url) => pathsOf(url).length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10)
    expect(Math.max(...recording.requests.map((url) => url.href.length))).toBeLessThanOrEqual(2_100)
    expect(recording.requests.length).toBeLessThan(20)
    const posts = recording.requests.filter((url) => pathsOf(url).includes('tasks.create'))
    expect(posts.map(pathsOf)).toEqual(Array(3).fill(['tasks.create']))
  })

  test('one failure in a batch is its own', async () => {
    const missing = '00000000-0000-7000-8000-000000000000'
    const [good, bad] = await Promise.allSettled([
      client.projects.get.query({ id: projectId }),
      client.projects.get.query({ id: missing }),
    ])
    expect(good.status).toBe('fulfilled')
    expect(bad).toMatchObject({ reason: { code: 'NOT_FOUND', status: 404, path: 'projects.get' } })
  })

  test('a refused field is named, with a trace id', async () => {
    const [error] = await safe(
      client.tasks.createMany.mutate({ projectId, tasks: [{ title: 'ok' }, { title: ' ' }] }),
    )
    expect(error).toMatchObject({ code: 'BAD_REQUEST', status: 400, retryable: false })
    expect(error?.issues.map(({ field }) => field)).toEqual(['tasks.1.title'])
    expect(error?.traceId).toMatch(/^[0-9a-f]{32}$/)
    expect(client.tasks.createMany.isError(error)).toBe(true)
    expect(client.tasks.create.isError(error)).toBe(false)
    expect(isPlinthError(new Error('other'))).toBe(false)
  })
})

async function freshTokens() {
  return await createClient({ baseUrl: site.baseUrl })
    .auth.login.mutate({ email, password: PASSWORD })
    .then(withRefresh)
}

/** As after a night: the server refuses the access token, and the refresh token still holds. */
async function staleTokens() {
  return { ...(await freshTokens()), accessToken: 'stale' }
}

function withRefresh(answer: { accessToken: string; refreshToken: string | null; expiresAt: string }) {
  const { accessToken, refreshToken, expiresAt } = answer
  if (refreshToken === null) throw new Error('No refresh token in bearer mode')
  return { accessToken, refreshToken, expiresAt }
}

function unique(): string {
  return `sdk-${randomBytes(6).toString('hex')}@example.com`
}
