import { get } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { type Client, createClient } from '@plinth/client'
import { describe, expect, test } from 'vitest'
import { startBalancer } from '../support/balancer.ts'
import { TEST_SECRET } from '../support/config.ts'
import { createTestDatabase, databaseKind } from '../support/database.ts'
import { newEmail, PASSWORD } from '../support/people.ts'
import { openSite, type Site } from '../support/server-process.ts'
import { timed, until } from '../support/until.ts'

/** Kubernetes and systemd lose patience after 30 s. */
const STOP_LIMIT_MS = 25_000

interface Answer {
  readonly status: number | undefined
  readonly connection: string | undefined
}

/** `fetch` hides what becomes of the connection. */
function look(url: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false, headers: { connection: 'keep-alive' } }, (answer) => {
      answer.resume()
      resolve({ status: answer.statusCode, connection: answer.headers.connection })
    }).once('error', reject)
  })
}

describe('O1 a stop that is asked for', () => {
  test('has every answer close its connection, is cut short by a second signal, and loses nothing', async () => {
    const own =
      databaseKind() === 'postgres' ? await createTestDatabase('postgres', { poolSize: 1 }) : undefined
    await using site = await openSite({
      JWT_SECRET: TEST_SECRET,
      DRAIN_DELAY_MS: '20000',
      DATABASE_URL: own?.database.connectionString ?? '',
    })
    const client = createClient({ baseUrl: site.baseUrl, retry: false })
    const email = newEmail()
    await client.auth.register.mutate({ email, password: PASSWORD, fullName: 'Somebody' })
    expect(await look(`${site.baseUrl}/livez`)).toEqual({ status: 200, connection: 'keep-alive' })
    const server = site.current()
    process.kill(server.pid, 'SIGTERM')
    await until('readiness to end', async () =>
      (await look(`${site.baseUrl}/readyz`)).status === 503 ? true : undefined,
    )
    expect(await look(`${site.baseUrl}/livez`)).toEqual({ status: 200, connection: 'close' })
    const { ms, answer } = await timed(() => server.stop('SIGTERM'))
    expect(answer).toEqual({ code: 143, signal: null })
    expect(ms).toBeLessThan(5_000)
    const restarted = await site.start()
    await client.auth.login.mutate({ email, password: PASSWORD })
    expect(restarted.output()).toMatch(/"message":"ready".*"startedInMs":\d+/)
    await site[Symbol.asyncDispose]()
    await own?.drop()
  }, 120_000)
})

/** Counts what clients see while servers come and go. */
interface Load {
  readonly written: readonly string[]
  readonly failures: readonly unknown[]
  stop(): Promise<void>
}

/** Writes through several clients that never try again, so that every failure is seen. */
function writeTasks(clients: readonly Client[], projectId: string): Load {
  const written: string[] = []
  const failures: unknown[] = []
  let stopping = false
  const writers = clients.map(async (client, writer) => {
    for (let count = 0; !stopping; count += 1) {
      const title = `Write ${writer}-${count}`
      await client.tasks.create.mutate({ projectId, title }).then(
        () => written.push(title),
        (error: unknown) => failures.push(error),
      )
      // Together less than the 300 writes in ten seconds that their one user has.
      await delay(150)
    }
  })
  return {
    written,
    failures,
    async stop() {
      stopping = true
      await Promise.all(writers)
    },
  }
}

/** Watches from the beginning; answers the titles in the order they came. */
function watchTasks(client: Client, projectId: string) {
  const titles: string[] = []
  let connections = 0
  const close = client.tasks.onChange.subscribe(
    { projectId },
    {
      lastEventId: '0',
      onStarted: () => {
        connections += 1
      },
      onData: ({ data }) => {
        if ('task' in data) titles.push(data.task.title)
      },
    },
  )
  return { titles, connections: () => connections, close }
}

function behindBalancer(): void {
  test('one after the other, under load: no call fails, no watcher misses or doubles anything', async () => {
    const { database, drop } = await createTestDatabase('postgres', { poolSize: 1 })
    const variables = {
      PUBLIC_URL: 'http://plinth.test',
      DATABASE_URL: database.connectionString,
      JWT_SECRET: TEST_SECRET,
      TRUSTED_PROXIES: 'loopback',
      DRAIN_DELAY_MS: '800',
    }
    const sites: readonly Site[] = await Promise.all([openSite(variables), openSite(variables)])
    const balancer = await startBalancer(
      sites.map(({ baseUrl }) => baseUrl),
      { probeEveryMs: 50 },
    )
    const { baseUrl } = balancer
    const clients = Array.from({ length: 4 }, () => createClient({ baseUrl, retry: false }))
    const email = newEmail()
    const first = clients[0] ?? createClient({ baseUrl })
    await first.auth.register.mutate({ email, password: PASSWORD, fullName: 'Somebody' })
    for (const client of clients.slice(1)) await client.auth.login.mutate({ email, password: PASSWORD })
    const { id: projectId } = await first.projects.create.mutate({ name: 'P', slug: 'rolling' })

    const watchers = clients.slice(0, 3).map((client) => watchTasks(client, projectId))
    const load = writeTasks(clients, projectId)
    await until('some writes', () => (load.written.length > 20 ? true : undefined))
    for (const site of sites) {
      const { ms, answer } = await timed(() => site.current().stop('SIGTERM'))
      expect(answer).toEqual({ code: 0, signal: null })
      expect(ms).toBeLessThan(STOP_LIMIT_MS)
      await site.start()
      await until('both to be ready', () => (balancer.ready().length === 2 ? true : undefined), 10_000)
    }
    const enough = load.written.length + 10
    await until('some more writes', () => (load.written.length > enough ? true : undefined))
    await load.stop()

    expect(load.failures).toEqual([])
    for (const watcher of watchers) {
      await until(
        'a watcher to have seen all',
        () => (watcher.titles.length >= load.written.length ? true : undefined),
        10_000,
      )
      watcher.close()
      expect(watcher.titles.length).toBe(load.written.length)
      expect(new Set(watcher.titles)).toEqual(new Set(load.written))
      expect(watcher.connections()).toBeGreaterThan(1)
    }
    expect(watchers[1]?.titles).toEqual(watchers[0]?.titles)
    expect([...balancer.served.values()].filter((count) => count === 0)).toEqual([])
    await balancer[Symbol.asyncDispose]()
    for (const site of sites) await site[Symbol.asyncDispose]()
    await drop()
  }, 180_000)

  test('a call that is under way when the signal comes gets its answer', async () => {
    const { database, drop } = await createTestDatabase('postgres', { poolSize: 2 })
    await using site = await openSite({ DATABASE_URL: database.connectionString, JWT_SECRET: TEST_SECRET })
    const client = createClient({ baseUrl: site.baseUrl, retry: false })
    await client.auth.register.mutate({ email: newEmail(), password: PASSWORD, fullName: 'Somebody' })
    const { id: projectId } = await client.projects.create.mutate({ name: 'P', slug: 'slow' })
    const lock = await database.pool.connect()
    await lock.query('BEGIN')
    await lock.query('LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE')
    const call = client.tasks.create.mutate({ projectId, title: 'Slow' })
    await until('the call to wait for the lock', async () => {
      const { rows } = await database.pool.query(
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
      )
      return rows.length > 0 ? true : undefined
    })
    const ending = site.current().stop('SIGTERM')
    await until('the listener to close', async () =>
      look(`${site.baseUrl}/livez`).then(
        () => undefined,
        () => true as const,
      ),
    )
    await lock.query('COMMIT')
    lock.release()
    expect((await call).title).toBe('Slow')
    expect(await ending).toEqual({ code: 0, signal: null })
    await drop()
  }, 120_000)
}

// The embedded database belongs to one process.
if (databaseKind() === 'postgres') describe('F5 servers are restarted', behindBalancer)
