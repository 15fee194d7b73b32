import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Cache, type CacheOptions, createCache } from '../../../server/src/platform/cache/index.ts'
import { type Database, openDatabase } from '../../../server/src/platform/database/index.ts'
import { type Bus, createBus } from '../../../server/src/platform/events/bus.ts'
import { createRedisConnection, type RedisConnection } from '../../../server/src/platform/redis/index.ts'
import { createTestDatabase, databaseKind, type TestDatabase } from '../../support/database.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'

const options: CacheOptions<number> = { schema: z.number(), ttlMs: 60_000, tags: ['work'] }
const quiet = { info: () => undefined, warn: () => undefined }

let blank: TestDatabase
let redis: RedisServer
const opened: (() => Promise<void>)[] = []
beforeAll(async () => {
  blank = await createTestDatabase(databaseKind())
  redis = await startRedis()
})
afterAll(async () => {
  for (const close of opened.reverse()) await close()
  await redis[Symbol.asyncDispose]()
  await blank.drop()
})

/** One process: its cache, its bus, its way to Redis. */
interface Process {
  readonly cache: Cache
  readonly bus: Bus
  readonly redis: RedisConnection | undefined
}

async function startProcess(withRedis: boolean, database: Database = blank.database): Promise<Process> {
  const bus = createBus(database)
  const connection = withRedis ? createRedisConnection(redis.url, quiet) : undefined
  const cache = createCache({ database, bus, redis: connection, prefix: 'test' })
  await Promise.all([bus.start(), connection?.start()])
  opened.push(async () => {
    await cache.close()
    await connection?.close()
    await bus.close()
  })
  return { cache, bus, redis: connection }
}

/** Whether what it keeps goes to Redis, which it takes up again a moment after connecting. */
async function shares({ cache }: Process): Promise<true | undefined> {
  const key = newKey()
  await cache.set(key, 1, options)
  return (await redis.command('EXISTS', `test:tag:key ${key}`)) === 1 ? true : undefined
}

/** Another process on the same database. */
async function startOther(withRedis: boolean): Promise<Process> {
  const database = await openDatabase({
    url: blank.database.connectionString,
    dataDirectory: '',
    poolSize: 2,
    poolWaitMs: 5_000,
    statementTimeoutMs: 5_000,
  })
  opened.push(() => database.close())
  return await startProcess(withRedis, database)
}

let keys = 0
const newKey = (): string => {
  keys += 1
  return `key-${keys}`
}

/** Something that is dear to compute and counts how often it was. */
function source(value: number) {
  const state = { value, loads: 0 }
  const load = async (): Promise<number> => {
    state.loads += 1
    return state.value
  }
  return { state, load }
}

describe.each([
  ['in memory', false],
  ['with Redis', true],
])('%s', (_name, withRedis) => {
  let one: Process
  beforeAll(async () => {
    one = await startProcess(withRedis)
    if (withRedis) await until('it to use Redis', () => shares(one))
  })

  test('a value is loaded once and kept until it is deleted, its tag ends or its time is up', async () => {
    const { cache } = one
    const { state, load } = source(1)
    const key = newKey()
    const read = () => cache.cached(key, options, load)
    expect([await read(), await read(), state.loads]).toEqual([1, 1, 1])
    state.value = 2
    await cache.deleteByTag('other')
    expect([await read(), state.loads]).toEqual([1, 1])
    await cache.deleteByTag('work')
    expect([await read(), await read(), state.loads]).toEqual([2, 2, 2])
    state.value = 3
    await cache.delete(key)
    expect([await read(), state.loads]).toEqual([3, 3])
    state.value = 4
    const brief = newKey()
    await cache.set(brief, 1, { ...options, ttlMs: 50 })
    expect(await cache.get(brief, options)).toBe(1)
    await until('the end of its time', async () =>
      (await cache.get(brief, options)) === undefined ? true : undefined,
    )
  })

  test('what is set is got; what another version left there is not', async () => {
    const { cache } = one
    const key = newKey()
    expect(await cache.get(key, options)).toBeUndefined()
    await cache.set(key, 7, options)
    expect(await cache.get(key, options)).toBe(7)
    const text: CacheOptions<string> = { ...options, schema: z.string() }
    expect(await cache.get(key, text)).toBeUndefined()
    expect(await cache.cached(key, text, async () => 'seven')).toBe('seven')
  })

  test('a hundred who ask at once cause one load; a failure is everybody’s and is not kept', async () => {
    const { cache } = one
    const { state, load } = source(5)
    const key = newKey()
    const answers = await Promise.all(Array.from({ length: 100 }, () => cache.cached(key, options, load)))
    expect(new Set(answers)).toEqual(new Set([5]))
    expect(state.loads).toBe(1)
    let failures = 0
    const failing = newKey()
    const tries = await Promise.allSettled(
      Array.from({ length: 10 }, () =>
        cache.cached(failing, options, async () => {
          failures += 1
          throw new Error('no')
        }),
      ),
    )
    expect(new Set(tries.map(({ status }) => status))).toEqual(new Set(['rejected']))
    expect(failures).toBe(1)
    expect(await cache.cached(failing, options, load)).toBe(5)
  })

  test('a load that a change overtook is handed out once and never found again', async () => {
    const { cache } = one
    const key = newKey()
    const gate = Promise.withResolvers<number>()
    const started = Promise.withResolvers<void>()
    const slow = cache.cached(key, options, () => {
      started.resolve()
      return gate.promise
    })
    await started.promise
    await cache.deleteByTag('work')
    gate.resolve(1)
    expect(await slow).toBe(1)
    expect(await cache.cached(key, options, async () => 2)).toBe(2)
  })
})

/** An embedded database has one process. */
const pairs: [string, boolean][] =
  databaseKind() === 'postgres'
    ? [
        ['in memory', false],
        ['with Redis', true],
      ]
    : []
test.each(pairs)('two processes %s hear of each other’s changes', async (_name, withRedis) => {
  const [one, two] = [await startOther(withRedis), await startOther(withRedis)]
  for (const each of withRedis ? [one, two] : []) await until('it to use Redis', () => shares(each))
  const key = newKey()
  const { state, load } = source(1)
  expect(await one.cache.cached(key, options, load)).toBe(1)
  expect(await two.cache.cached(key, options, load)).toBe(1)
  expect(state.loads).toBe(withRedis ? 1 : 2)
  state.value = 2
  await one.cache.deleteByTag('work')
  expect(await one.cache.cached(key, options, load)).toBe(2)
  await until('the other process to see it', async () =>
    (await two.cache.cached(key, options, load)) === 2 ? true : undefined,
  )
})

test.each(databaseKind() === 'postgres' ? ['in memory', 'with Redis'] : [])(
  'what may have been missed is asked again, %s',
  async (kind) => {
    const one = await startOther(kind === 'with Redis')
    if (one.redis !== undefined) await until('it to use Redis', () => shares(one))
    const key = newKey()
    const { state, load } = source(1)
    expect(await one.cache.cached(key, options, load)).toBe(1)
    // Changed by a process nobody heard.
    state.value = 2
    let lost = false
    one.bus.onHealthChange(() => {
      lost = true
    })
    await blank.database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'plinth-listen' AND datname = current_database()`,
    )
    await until('the connection to be missed and back', () => (lost && one.bus.healthy() ? true : undefined))
    expect(await one.cache.cached(key, options, load)).toBe(2)
  },
)
