import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TEST_SECRET } from '../support/config.ts'
import { createTestDatabase, databaseKind } from '../support/database.ts'
import { expectOk, expectRefused } from '../support/expect-clean.ts'
import { type Answer, field, mutate, query } from '../support/http.ts'
import { newEmail, PASSWORD, textOf } from '../support/people.ts'
import { freePort, openSite, type Site, spawnServer } from '../support/server-process.ts'
import { openStream } from '../support/sse.ts'
import { until } from '../support/until.ts'

interface Account {
  readonly id: string
  readonly email: string
  readonly token: string
  readonly refreshToken: string
}

async function register(baseUrl: string): Promise<Account> {
  const email = newEmail()
  const answer = await mutate(baseUrl, 'auth.register', { email, password: PASSWORD, fullName: 'Somebody' })
  expectOk(answer, { tokens: true })
  return {
    id: textOf(answer, 'user', 'id'),
    email,
    token: textOf(answer, 'accessToken'),
    refreshToken: textOf(answer, 'refreshToken'),
  }
}

/** Two servers on one Postgres, as a balancer would have behind it. */
function twoProcesses(): void {
  const root = { FIRST_SUPERUSER_EMAIL: 'root@example.com', FIRST_SUPERUSER_PASSWORD: PASSWORD }
  let drop: () => Promise<void>
  let sites: [Site, Site]

  beforeAll(async () => {
    const blank = await createTestDatabase('postgres', { poolSize: 1 })
    drop = blank.drop
    // Behind a balancer both have one address, which tokens are issued for.
    const variables = {
      PUBLIC_URL: 'http://plinth.test',
      DATABASE_URL: blank.database.connectionString,
      JWT_SECRET: TEST_SECRET,
      ...root,
    }
    sites = await Promise.all([openSite(variables), openSite(variables)])
  }, 120_000)
  afterAll(async () => {
    for (const site of sites) await site[Symbol.asyncDispose]()
    await drop()
  }, 60_000)

  const url = (index: number) => sites[index % 2 === 0 ? 0 : 1].baseUrl
  const one = (answers: readonly Answer[], name: string) =>
    new Set(answers.map((answer) => field(expectOk(answer, { tokens: true }).data, name)))

  test('A17 both started at once on one database, and made one first superuser', async () => {
    const input = { email: root.FIRST_SUPERUSER_EMAIL, password: PASSWORD }
    const answers = [await mutate(url(0), 'auth.login', input), await mutate(url(1), 'auth.login', input)]
    const ids = answers.map((answer) => textOf(expectOk(answer, { tokens: true }), 'user', 'id'))
    expect(ids[0]).toBe(ids[1])
  })

  test('A13 twenty refreshes at once on two processes have one successor', async () => {
    const { refreshToken } = await register(url(0))
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => mutate(url(index), 'auth.refresh', { refreshToken })),
    )
    expect(one(answers, 'refreshToken').size).toBe(1)
  })

  test('I2 twenty calls with one key on two processes have one effect', async () => {
    const account = await register(url(0))
    const headers = { 'idempotency-key': randomUUID() }
    const input = { name: 'Once', slug: `once-${account.id}` }
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        mutate(url(index), 'projects.create', input, { token: account.token, headers }),
      ),
    )
    const done = answers.filter(({ status }) => status === 200)
    for (const answer of answers.filter(({ status }) => status !== 200)) expectRefused(answer, [409, 503])
    expect(one(done, 'id').size).toBe(1)
    const list = expectOk(await query(url(1), 'projects.list', { page: 1 }, account))
    expect(field(field(list.data, 'pagination'), 'total')).toBe(1)
  })

  test('A8 guesses are counted across both', async () => {
    const { email } = await register(url(0))
    for (let guess = 0; guess < 6; guess += 1) {
      const input = { email, password: 'not the right one 42' }
      expectRefused(await mutate(url(guess), 'auth.login', input), 401)
    }
    for (const index of [0, 1]) {
      expectRefused(await mutate(url(index), 'auth.login', { email, password: PASSWORD }), 401)
    }
  })

  test('A15 suspended on one, refused on the other within a second; its stream there ends unheard', async () => {
    const account = await register(url(1))
    const made = await mutate(url(1), 'projects.create', { name: 'P', slug: `p-${account.id}` }, account)
    const projectId = textOf(expectOk(made), 'id')
    using stream = await openStream(url(1), 'tasks.onChange', { projectId }, account)
    await until('the first event', async () => {
      if (stream.events().length > 0) return true
      expectOk(await mutate(url(0), 'tasks.create', { projectId, title: 'Listening?' }, account))
      return undefined
    })
    const input = { email: root.FIRST_SUPERUSER_EMAIL, password: PASSWORD }
    const admin = { token: textOf(await mutate(url(0), 'auth.login', input), 'accessToken') }
    expectOk(await query(url(1), 'users.me', undefined, account))
    expectOk(await mutate(url(0), 'users.suspend', { id: account.id }, admin))
    await until(
      'the other process to refuse',
      async () => ((await query(url(1), 'users.me', undefined, account)).status === 401 ? true : undefined),
      1_000,
    )
    await stream.ended(5_000)
    expectRefused(await mutate(url(1), 'auth.refresh', { refreshToken: account.refreshToken }), 401)
    expectOk(await mutate(url(1), 'users.unsuspend', { id: account.id }, admin))
  })

  test('J5 tokens of one hold on the other', async () => {
    const account = await register(url(0))
    expectOk(await query(url(1), 'users.me', undefined, account))
    expectOk(await mutate(url(1), 'auth.logout', undefined, account))
    await until(
      'the first process to refuse',
      async () => ((await query(url(0), 'users.me', undefined, account)).status === 401 ? true : undefined),
      1_000,
    )
  })
}

/** An embedded database belongs to one process. */
function oneProcess(): void {
  test('a second process on the same data directory is refused and says by whom', async () => {
    await using site = await openSite({ JWT_SECRET: TEST_SECRET })
    await using second = spawnServer({
      JWT_SECRET: TEST_SECRET,
      PLINTH_DATA: site.dataDirectory,
      PORT: String(await freePort()),
    })
    const { code } = await second.ended
    expect(code).not.toBe(0)
    expect(second.output()).toContain(String(site.current().pid))
    expect(second.output()).toContain('PLINTH_DATA')
    const account = await register(site.baseUrl)
    expectOk(await query(site.baseUrl, 'users.me', undefined, account))
  }, 120_000)
}

describe('processes that share a database', databaseKind() === 'postgres' ? twoProcesses : oneProcess)
