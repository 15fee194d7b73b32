import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { field, mutate, query, send } from '../support/http.ts'
import { freePort, openSite, type Site, spawnServer } from '../support/server-process.ts'

const ACCOUNT = { email: 'owner@example.com', password: 'quiet harbours open before nine', fullName: 'Owner' }
const SECRET = 'Zk3vXq8mB1tYw6RfHc9sLp2dGn5jUeAo7iTb'

describe('the process on the embedded database', () => {
  let site: Site

  beforeAll(async () => {
    site = await openSite({}, { empty: true })
  })

  afterAll(async () => {
    await site?.[Symbol.asyncDispose]()
  })

  test('is ready, alive and healthy', async () => {
    for (const probe of ['livez', 'readyz', 'api/health']) {
      expect((await send(`${site.baseUrl}/${probe}`)).status, probe).toBe(200)
    }
  })

  test('a second process on its data directory is refused and says what to do', async () => {
    const second = spawnServer({ PLINTH_DATA: site.dataDirectory, PORT: String(await freePort()) })
    const { code } = await second.ended
    expect(code).toBe(1)
    expect(second.output()).toContain(`is using the embedded database in ${site.dataDirectory}`)
    expect(second.output()).toContain('PLINTH_DATA')
    expect(second.output()).toContain('DATABASE_URL')
    expect(second.output()).not.toMatch(/^\s+at /m)
    expect((await send(`${site.baseUrl}/readyz`)).status).toBe(200)
  })

  test('a port that is taken is refused and says which', async () => {
    const dataDirectory = await mkdtemp(path.join(tmpdir(), 'plinth-e2e-'))
    try {
      const second = spawnServer({ PLINTH_DATA: dataDirectory, PORT: String(site.port) })
      const { code } = await second.ended
      expect(code).toBe(1)
      expect(second.output()).toContain(String(site.port))
    } finally {
      await rm(dataDirectory, { recursive: true, force: true, maxRetries: 10 })
    }
  })

  test('Ctrl-C ends open streams, lets calls finish and exits 0; the data is there next time', async () => {
    const registered = await mutate(site.baseUrl, 'auth.register', ACCOUNT)
    const token = z.object({ accessToken: z.string() }).parse(registered.data).accessToken
    const created = await mutate(site.baseUrl, 'projects.create', { name: 'Kept', slug: 'kept' }, { token })
    const { id: projectId } = z.object({ id: z.string() }).parse(created.data)
    const stream = await fetch(
      `${site.baseUrl}/trpc/tasks.onChange?input=${encodeURIComponent(JSON.stringify({ projectId }))}`,
      { headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` } },
    )
    expect(stream.status).toBe(200)

    const server = site.current()
    const calls = Array.from({ length: 8 }, (_, index) =>
      mutate(site.baseUrl, 'tasks.create', { projectId, title: `Task ${index}` }, { token }),
    )
    const settled = Promise.allSettled(calls)
    expect((await Promise.any(calls)).status).toBe(200)
    await server.stop('SIGINT')
    const answers = await settled
    expect(await server.ended, server.output()).toEqual({ code: 0, signal: null })
    await stream.text().catch(() => undefined)

    await site.start()
    const listed = await query(site.baseUrl, 'tasks.list', { projectId, limit: 100 }, { token })
    const titles = z.array(z.object({ title: z.string() })).parse(field(listed.data, 'data'))
    const answered = answers.flatMap((answer, index) =>
      answer.status === 'fulfilled' && answer.value.status === 200 ? [`Task ${index}`] : [],
    )
    expect(titles.map((task) => task.title)).toEqual(expect.arrayContaining(answered))
    expect((await mutate(site.baseUrl, 'auth.login', pick(ACCOUNT))).status).toBe(200)
  })

  test('a killed server starts again on the same data', async () => {
    expect(await site.current().stop('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' })
    await site.start()
    expect((await mutate(site.baseUrl, 'auth.login', pick(ACCOUNT))).status).toBe(200)
  })

  test('its own secret stays out of what it prints', async () => {
    const secret = (await readFile(path.join(site.dataDirectory, 'secret'), 'utf8')).trim()
    expect(secret.length).toBeGreaterThan(30)
    expect(site.current().output()).not.toContain(secret)
    expect(site.current().output()).not.toContain(ACCOUNT.password)
  })
})

test('what Node says to a watcher, as under `npm run dev`, does not end the server', async () => {
  await using site = await openSite({ WATCH_REPORT_DEPENDENCIES: '1' })
  expect((await send(`${site.baseUrl}/readyz`)).status).toBe(200)
})

describe('a configuration that cannot work', () => {
  test('names every variable and repeats no value', async () => {
    const server = spawnServer({
      NODE_ENV: 'production',
      PORT: 'ninety',
      LOG_LEVEL: 'loud',
      DATABASE_URL: `mysql://root:${SECRET}@127.0.0.1/plinth`,
      JWT_SECRET: 'short-but-mine',
      SMTP_URL: `http://mail:${SECRET}@127.0.0.1`,
      FIRST_SUPERUSER_PASSWORD: 'tiny',
    })
    const { code } = await server.ended
    expect(code).toBe(1)
    for (const name of [
      'PORT',
      'LOG_LEVEL',
      'DATABASE_URL',
      'JWT_SECRET',
      'SMTP_URL',
      'FIRST_SUPERUSER_PASSWORD',
    ]) {
      expect(server.output()).toMatch(new RegExp(`^\\s+${name}: \\S`, 'm'))
    }
    for (const value of ['ninety', 'loud', SECRET, 'short-but-mine', 'tiny']) {
      expect(server.output()).not.toContain(value)
    }
    expect(server.output()).not.toMatch(/^\s+at /m)
  })

  test('a missing JWT_SECRET in production says how to make one', async () => {
    const server = spawnServer({ NODE_ENV: 'production' })
    expect((await server.ended).code).toBe(1)
    expect(server.output()).toMatch(/JWT_SECRET: required in production.*openssl rand/)
  })

  test('a database that is not there is named without its password', async () => {
    const port = await freePort()
    const server = spawnServer({
      DATABASE_URL: `postgres://plinth:${SECRET}@127.0.0.1:${port}/plinth`,
      JWT_SECRET: SECRET,
    })
    expect((await server.ended).code).toBe(1)
    expect(server.output()).toContain(`127.0.0.1:${port}`)
    expect(server.output()).not.toContain(SECRET)
  })
})

function pick({ email, password }: typeof ACCOUNT) {
  return { email, password }
}
