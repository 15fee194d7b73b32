import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { databaseKind } from '../support/database.ts'
import { expectOk, expectRefused } from '../support/expect-clean.ts'
import { type Answer, field, mutate, query, send } from '../support/http.ts'
import { addPerson, type LogIn, newAddress, type Person, tryLogIn } from '../support/people.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { timed, until } from '../support/until.ts'

type User = Person & LogIn

let redis: RedisServer
/** One process, and on Postgres another one beside it. */
let servers: TestServer[]
let admin: User
beforeAll(async () => {
  redis = await startRedis()
  const variables = { REDIS_URL: redis.url, TRUSTED_PROXIES: 'loopback' }
  const first = await startServer({ variables })
  servers = databaseKind() === 'postgres' ? [first, await startServer({ variables, beside: first })] : [first]
  admin = await addPerson(first, 'admin', 'admin')
})
afterAll(async () => {
  for (const server of servers.reverse()) await server[Symbol.asyncDispose]()
  await redis[Symbol.asyncDispose]()
})

const server = (call = 0): TestServer => {
  const one = servers[call % servers.length]
  if (one === undefined) throw new Error('No server was started')
  return one
}
const as = (who: User) => ({ token: who.token, headers: newAddress() })
const statsOf = (who: User, on: TestServer): Promise<Answer> =>
  query(on.baseUrl, 'users.stats', { id: who.id }, as(who))

async function health(on: TestServer): Promise<unknown> {
  return field(field((await send(`${on.baseUrl}/api/health`)).body, 'checks'), 'cache')
}

/** Waits until all processes use Redis: an entry one of them makes is there. */
async function backToNormal(): Promise<void> {
  for (const one of servers) {
    await until(
      'the cache to be healthy and used',
      async () => {
        await one.app.cache.set('probe', 1, { schema: z.number(), ttlMs: 60_000 })
        const tokens = await redis.command('KEYS', '*:cache:tag:*').catch(() => [])
        return Array.isArray(tokens) && tokens.length > 0 && (await health(one)) === 'healthy'
          ? true
          : undefined
      },
      10_000,
    )
  }
}

/** Reads, writes and statistics, right at once and right everywhere soon after. */
async function work(): Promise<number[]> {
  const who = await addPerson(server())
  const took: number[] = []
  const call = async (answer: Promise<Answer>): Promise<Answer> => {
    const { ms, answer: came } = await timed(() => answer)
    took.push(ms)
    return expectOk(came)
  }
  const made = await call(
    mutate(server().baseUrl, 'projects.create', { name: 'P', slug: `p-${who.id}` }, as(who)),
  )
  const projectId = String(field(made.data, 'id'))
  for (let task = 1; task <= 4; task += 1) {
    const on = server(task)
    await call(mutate(on.baseUrl, 'tasks.create', { projectId, title: `T${task}` }, as(who)))
    await call(query(on.baseUrl, 'tasks.list', { projectId }, as(who)))
    expect(field((await call(statsOf(who, on))).data, 'tasksCreated')).toBe(task)
    for (const other of servers) {
      await until(
        'every process to say so',
        async () => (field((await statsOf(who, other)).data, 'tasksCreated') === task ? true : undefined),
        2_000,
      )
    }
  }
  return took
}

/** Who is locked out is out everywhere, and nobody is let in by a cache. */
async function rights(): Promise<void> {
  const who = await addPerson(server())
  for (const one of servers) expectOk(await query(one.baseUrl, 'users.me', undefined, as(who)))
  expectOk(await mutate(server().baseUrl, 'users.suspend', { id: who.id }, as(admin)))
  for (const one of servers) {
    await until(
      'the suspended user to be refused',
      async () =>
        (await query(one.baseUrl, 'users.me', undefined, as(who))).status === 401 ? true : undefined,
      1_000,
    )
    expectRefused(await statsOf(who, one), 401)
  }
}

/** Guesses until the account is locked; whatever happens to Redis then, it stays so. */
async function lockedAccount(): Promise<Person> {
  const who = await addPerson(server())
  for (let guess = 0; guess < 6; guess += 1) {
    expectRefused(await tryLogIn(server(guess), who.email, 'not the right one 42'), 401)
  }
  return who
}

const faults: Record<string, { down: boolean; begin(): Promise<void>; end(): Promise<void> }> = {
  'is killed and comes back empty': {
    down: true,
    begin: () => redis.kill(),
    end: () => redis.start(),
  },
  'hangs (SIGSTOP)': {
    down: true,
    begin: async () => redis.freeze(true),
    end: async () => redis.freeze(false),
  },
  'has no room (maxmemory 1mb, noeviction)': {
    down: false,
    begin: async () => {
      await redis.command('CONFIG', 'SET', 'maxmemory', '1mb')
      await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    },
    end: async () => void (await redis.command('CONFIG', 'SET', 'maxmemory', '0')),
  },
  'is emptied (FLUSHALL)': {
    down: false,
    begin: async () => void (await redis.command('FLUSHALL')),
    end: async () => void (await redis.command('FLUSHALL')),
  },
  'is replaced by an empty one': {
    down: false,
    begin: async () => {
      await redis.kill()
      await redis.start()
    },
    end: async () => undefined,
  },
}

test.each(Object.entries(faults))(
  'F11 Redis %s: slower at most, never wrong, nobody let in',
  async (_name, fault) => {
    await backToNormal()
    const before = quantile(await work(), 0.5)
    const locked = await lockedAccount()
    await fault.begin()
    try {
      const took = await work()
      await rights()
      for (const one of servers) {
        expectRefused(await tryLogIn(one, locked.email), 401)
        if (fault.down)
          await until('health to say so', async () =>
            (await health(one)) === 'unhealthy' ? true : undefined,
          )
        expect((await send(`${one.baseUrl}/readyz`)).status).toBe(200)
      }
      expect(quantile(took, 0.5)).toBeLessThan(before + 50)
      // The first call after a silent death finds out and waits for its 200 ms, in each process.
      expect(quantile(took, 1)).toBeLessThan(before + 1_500)
    } finally {
      await fault.end()
    }
    await backToNormal()
    await work()
    await rights()
    for (const one of servers) expectRefused(await tryLogIn(one, locked.email), 401)
  },
  60_000,
)

test('F11 what changed while Redis was away is not found in it afterwards', async () => {
  await backToNormal()
  const who = await addPerson(server())
  for (const one of servers) expectOk(await statsOf(who, one))
  redis.freeze(true)
  try {
    const slug = `p-${who.id}`
    expectOk(await mutate(server().baseUrl, 'projects.create', { name: 'P', slug }, as(who)))
  } finally {
    redis.freeze(false)
  }
  await backToNormal()
  for (const one of servers) expect(field((await statsOf(who, one)).data, 'projects')).toBe(1)
})

function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
