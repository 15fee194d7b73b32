import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { createTestDatabase, databaseKind } from '../support/database.ts'
import { expectClean, expectOk, expectRefused } from '../support/expect-clean.ts'
import { field, mutate, query, send } from '../support/http.ts'
import { newEmail, PASSWORD, textOf } from '../support/people.ts'
import { openSite, type Site } from '../support/server-process.ts'
import { startProxy } from '../support/tcp-proxy.ts'
import { timed, until } from '../support/until.ts'

/** A server whose database can go silent, as if its machine had lost the network. */
interface FragileSite extends AsyncDisposable {
  readonly site: Site
  silence(silent: boolean): Promise<void>
}

const limits = {
  DATABASE_STATEMENT_TIMEOUT_MS: '500',
  DATABASE_POOL_WAIT_MS: '500',
  NODE_ENV: '',
  PLINTH_SEED: 'false',
}

async function fragileSite(): Promise<FragileSite> {
  return databaseKind() === 'postgres' ? behindProxy() : withHost()
}

async function behindProxy(): Promise<FragileSite> {
  const blank = await createTestDatabase('postgres', { poolSize: 1 })
  const url = new URL(blank.database.connectionString)
  const proxy = await startProxy(Number(url.port === '' ? 5432 : url.port))
  url.host = new URL(proxy.baseUrl).host
  const site = await openSite({ ...limits, DATABASE_URL: url.href })
  return {
    site,
    silence: async (silent) => {
      proxy.hold(silent)
      // What was asked meanwhile is gone for good; connections that missed it are of no use.
      if (!silent) proxy.cutAll()
    },
    async [Symbol.asyncDispose]() {
      await site[Symbol.asyncDispose]()
      await proxy[Symbol.asyncDispose]()
      await blank.drop()
    },
  }
}

async function withHost(): Promise<FragileSite> {
  const site = await openSite(limits)
  const owner: unknown = JSON.parse(
    await readFile(path.join(site.dataDirectory, 'database/owner.json'), 'utf8'),
  )
  const host = Number(field(owner, 'hostPid'))
  expect(host).toBeGreaterThan(1)
  return {
    site,
    silence: async (silent) => {
      process.kill(host, silent ? 'SIGSTOP' : 'SIGCONT')
    },
    [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
  }
}

describe('T1 a database that is gone shows nothing of itself', () => {
  test('every call is 503 in time and clean, without NODE_ENV; liveness stays, readiness goes, all comes back', async () => {
    await using fragile = await fragileSite()
    const { baseUrl } = fragile.site
    const email = newEmail()
    const registered = await mutate(baseUrl, 'auth.register', {
      email,
      password: PASSWORD,
      fullName: 'Somebody',
    })
    const as = { token: textOf(expectOk(registered, { tokens: true }), 'accessToken') }
    const made = await mutate(baseUrl, 'projects.create', { name: 'P', slug: 'gone' }, as)
    const projectId = textOf(expectOk(made), 'id')

    await fragile.silence(true)
    try {
      const calls = [
        () => query(baseUrl, 'users.me', undefined, as),
        () => query(baseUrl, 'tasks.list', { projectId }, as),
        () => query(baseUrl, 'projects.get', { id: projectId }, as),
        () => mutate(baseUrl, 'tasks.create', { projectId, title: 'T' }, as),
        () => mutate(baseUrl, 'auth.login', { email, password: PASSWORD }),
        () => mutate(baseUrl, 'auth.register', { email: newEmail(), password: PASSWORD, fullName: 'New' }),
        () => mutate(baseUrl, 'auth.refresh', { refreshToken: textOf(registered, 'refreshToken') }),
        () => mutate(baseUrl, 'auth.requestPasswordReset', { email }),
      ]
      const answers = await Promise.all(calls.map((call) => timed(call)))
      for (const { answer, ms } of answers) {
        expectRefused(answer, 503)
        expect(answer.error?.message).toBe('Service unavailable; try again shortly.')
        expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
        expect(ms).toBeLessThan(8_000)
      }
      expect((await send(`${baseUrl}/livez`)).status).toBe(200)
      expect((await send(`${baseUrl}/readyz`)).status).toBe(503)
      expect(expectHealth(await send(`${baseUrl}/api/health`))).toBe('unhealthy')
    } finally {
      await fragile.silence(false)
    }
    await until(
      'calls to be answered',
      async () => {
        const answer = await query(baseUrl, 'tasks.list', { projectId }, as)
        expectClean(answer)
        return answer.status === 200 ? true : undefined
      },
      15_000,
    )
    await until(
      'readiness',
      async () => ((await send(`${baseUrl}/readyz`)).status === 200 ? true : undefined),
      10_000,
    )
    // What was asked while it was gone either happened once or not at all.
    const list = expectOk(await query(baseUrl, 'tasks.list', { projectId, page: 1 }, as))
    expect(Number(field(field(list.data, 'pagination'), 'total'))).toBeLessThanOrEqual(1)
  }, 120_000)
})

function expectHealth(answer: { readonly text: string; readonly body: unknown }): unknown {
  expect(answer.text).not.toMatch(/127\.0\.0\.1|postgres:|socket|ECONN|timeout exceeded/i)
  return field(answer.body, 'status')
}
