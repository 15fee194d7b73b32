import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCallLimiter, createStoredCallLimiter } from '../../../server/src/platform/limits/index.ts'
import { createRedisConnection, type RedisConnection } from '../../../server/src/platform/redis/index.ts'
import { createTestDatabase, databaseKind, type TestDatabase } from '../../support/database.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'

const limits = { few: { points: 4, seconds: 60 }, brief: { points: 1, seconds: 1 } } as const

let blank: TestDatabase
let server: RedisServer
let redis: RedisConnection
beforeAll(async () => {
  blank = await createTestDatabase(databaseKind())
  server = await startRedis()
  redis = createRedisConnection(server.url, { info: () => undefined, warn: () => undefined })
  await redis.start()
})
afterAll(async () => {
  await redis.close()
  await server[Symbol.asyncDispose]()
  await blank.drop()
})

let callers = 0
const newCaller = (): string => {
  callers += 1
  return `user:${callers}`
}

/** One behaviour, wherever is counted. Each call makes the limiter of one process. */
const stores = {
  memory: () => createCallLimiter(limits),
  postgres: () => createStoredCallLimiter(limits, { kind: 'postgres', database: blank.database }),
  redis: () => createStoredCallLimiter(limits, { kind: 'redis', redis, prefix: 'test' }),
}

describe.each(Object.entries(stores))('%s', (store, open) => {
  test('of a burst no more pass than allowed; peeking counts nothing', async () => {
    const limiter = open()
    const caller = newCaller()
    expect(await limiter.peek('few', caller)).toMatchObject({ allowed: true, limit: 4, remaining: 4 })
    const states = await Promise.all(Array.from({ length: 20 }, () => limiter.take('few', caller)))
    expect(states.filter(({ allowed }) => allowed)).toHaveLength(4)
    for (const { limit, remaining, resetMs } of states) {
      expect(limit).toBe(4)
      expect(remaining).toBeLessThan(4)
      expect(resetMs).toBeGreaterThan(50_000)
      expect(resetMs).toBeLessThanOrEqual(60_000)
    }
    expect(await limiter.peek('few', caller)).toMatchObject({ remaining: 0 })
    expect(await limiter.take('few', newCaller())).toMatchObject({ allowed: true, remaining: 3 })
  })

  test('an IPv6 network is one caller, and so are both spellings of an IPv4 address', async () => {
    const limiter = open()
    await limiter.take('few', 'ip:2001:db8::1')
    expect(await limiter.take('few', 'ip:2001:db8::ffff')).toMatchObject({ remaining: 2 })
    await limiter.take('few', 'ip:192.0.2.1')
    expect(await limiter.take('few', 'ip:::ffff:192.0.2.1')).toMatchObject({ remaining: 2 })
    await limiter.take('few', 'ip:unknown')
    expect(await limiter.take('few', 'ip:unknown')).toMatchObject({ remaining: 2 })
  })

  test('a window ends', async () => {
    const limiter = open()
    const caller = newCaller()
    await limiter.take('brief', caller)
    expect(await limiter.take('brief', caller)).toMatchObject({ allowed: false })
    await until('the next window', async () => {
      const { remaining } = await limiter.peek('brief', caller)
      return remaining === 1 ? true : undefined
    })
    expect(await limiter.take('brief', caller)).toMatchObject({ allowed: true })
  })

  test('processes count together, except in memory', async () => {
    const caller = newCaller()
    const [one, two] = [open(), open()]
    for (let call = 0; call < 3; call += 1) await one.take('few', caller)
    expect(await two.take('few', caller)).toMatchObject({ remaining: store === 'memory' ? 3 : 0 })
  })
})

describe('without their store, limits are smaller and never open', () => {
  type Limiter = ReturnType<typeof stores.redis>

  /** How many calls of a new caller pass; while the store comes or goes, some are counted there and some here. */
  const burst = async (limiter: Limiter): Promise<number> => {
    const caller = newCaller()
    const states = await Promise.all(Array.from({ length: 20 }, () => limiter.take('few', caller)))
    const passed = states.filter(({ allowed }) => allowed).length
    expect(passed).toBeLessThanOrEqual(limits.few.points * 1.5)
    return passed
  }
  const settlesAt = (limiter: Limiter, points: number) =>
    until(`bursts of ${points}`, async () => ((await burst(limiter)) === points ? true : undefined), 10_000)

  test('Redis is killed, has no room, hangs, comes back empty', async () => {
    const limiter = stores.redis()
    await settlesAt(limiter, 4)
    await server.kill()
    await settlesAt(limiter, 2)
    expect(await limiter.peek('few', newCaller())).toMatchObject({ limit: 2, remaining: 2 })
    await server.start('--maxmemory', '1kb', '--maxmemory-policy', 'noeviction')
    await until('Redis to be there', () => (redis.available() ? true : undefined), 10_000)
    await settlesAt(limiter, 2)
    await server.kill()
    await server.start()
    await settlesAt(limiter, 4)
    server.freeze(true)
    await settlesAt(limiter, 2)
    // Found out once; from then on nobody waits for it.
    expect(redis.available()).toBe(false)
    server.freeze(false)
    await settlesAt(limiter, 4)
  }, 60_000)

  test('a database that is gone counts in memory', async () => {
    const gone = await createTestDatabase(databaseKind())
    const limiter = createStoredCallLimiter(limits, { kind: 'postgres', database: gone.database })
    await gone.drop()
    expect(await burst(limiter)).toBe(2)
  })
})
