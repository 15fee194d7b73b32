import { createRequire } from 'node:module'
import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import type { z } from 'zod'
import type { Database } from '../database/index.ts'
import type { Bus } from '../events/bus.ts'
import type { RedisConnection } from '../redis/index.ts'
import { counter } from '../telemetry/index.ts'
import { CACHE_TOPIC } from './cache-topic.ts'
import { createStamps } from './stamps.ts'

const require = createRequire(import.meta.url)

const MEMORY = { maxItems: 20_000, maxSize: '32mb', maxEntrySize: '1mb' } as const

/** How an entry is kept. Everybody who uses the same key gives the same options. */
export interface CacheOptions<T> {
  /** What the value is made of, in JSON; an entry that does not fit, of an older version perhaps, is not there. */
  readonly schema: z.ZodType<T>
  readonly ttlMs: number
  /** What the value was made from. A change that says `change.invalidate(tag)` ends it, when it commits. */
  readonly tags?: readonly string[]
}

/**
 * Keeps what is dear to compute: in memory, bounded, and in Redis when there is one. Slower without Redis, never wrong:
 * after a process has heard of a change it finds nothing that was loaded before. While it may not hear of changes it
 * keeps nothing.
 */
export interface Cache {
  /**
   * The value under `key`, or what `load` brings. Of several who ask at once in this process one loads. A failure is not
   * kept.
   * @throws what `load` throws
   */
  cached<T>(key: string, options: CacheOptions<T>, load: () => Promise<T>): Promise<T>
  /** The value under `key`; undefined when there is none. */
  get<T>(key: string, options: CacheOptions<T>): Promise<T | undefined>
  /** Replaces the value under `key` in all processes. @throws as {@link delete} */
  set<T>(key: string, value: T, options: CacheOptions<T>): Promise<void>
  /** Ends an entry in all processes. @throws when they cannot be told, because the database is gone */
  delete(key: string): Promise<void>
  /** Ends the entries with this tag in all processes; inside a mutation, use `change.invalidate`. @throws as {@link delete} */
  deleteByTag(tag: string): Promise<void>
  close(): Promise<void>
}

/** What {@link createCache} needs. */
export interface CacheDeps {
  readonly database: Pick<Database, 'prisma'>
  readonly bus: Bus
  readonly redis?: RedisConnection | undefined
  /** Begins all keys in Redis, so that two installations can share one. */
  readonly prefix: string
}

const asked = counter({
  name: 'plinth.cache.requests',
  description: 'Values asked of the cache, found or not',
  unit: '{request}',
})

/** Builds the cache. Does no I/O. */
export function createCache({ database, bus, redis, prefix }: CacheDeps): Cache {
  const stamps = createStamps({ bus, redis, prefix })
  const bento = createStores(redis, prefix)
  const loads = new Map<string, Promise<unknown>>()
  const unsubscribe = bus.subscribe(CACHE_TOPIC, (tag) => stamps.forget(tag))

  const placeOf = async (key: string, tags: readonly string[] = []) => {
    const stamp = await stamps.stampOf([ownTag(key), ...tags])
    return { store: bento.use(stamp.shared ? 'shared' : 'memory'), stamped: `${key}#${stamp.text}` }
  }
  type Place = Awaited<ReturnType<typeof placeOf>>

  const read = async <T>({ store, stamped }: Place, schema: z.ZodType<T>): Promise<T | undefined> => {
    const found: unknown = await store.get({ key: stamped })
    return found === undefined ? undefined : schema.safeParse(found).data
  }
  const write = async (place: Place, value: unknown, ttlMs: number): Promise<void> => {
    await place.store.set({ key: place.stamped, value, ttl: ttlMs })
  }
  const tell = async (tag: string): Promise<void> => {
    await bus.notify(database.prisma, [{ topic: CACHE_TOPIC, payload: tag }])
    bus.publish(CACHE_TOPIC, tag)
  }

  return {
    async cached<T>(key: string, { schema, ttlMs, tags }: CacheOptions<T>, load: () => Promise<T>) {
      if (!bus.healthy()) return await load()
      const place = await placeOf(key, tags)
      return await once(loads, place.stamped, async () => {
        const known = await read(place, schema)
        asked.add(1, { 'plinth.cache.result': known === undefined ? 'miss' : 'hit' })
        if (known !== undefined) return known
        const value = await load()
        await write(place, value, ttlMs)
        return value
      })
    },
    async get(key, { schema, tags }) {
      return bus.healthy() ? await read(await placeOf(key, tags), schema) : undefined
    },
    async set(key, value, { ttlMs, tags }) {
      await tell(ownTag(key))
      if (bus.healthy()) await write(await placeOf(key, tags), value, ttlMs)
    },
    delete: (key) => tell(ownTag(key)),
    deleteByTag: tell,
    async close() {
      unsubscribe()
      stamps.close()
      await bento.use('memory').disconnect()
    },
  }
}

/** `memory` for what only this process knows; `shared` has Redis behind it, or is the same without one. */
function createStores(redis: RedisConnection | undefined, prefix: string) {
  const memory = () => bentostore().useL1Layer(memoryDriver(MEMORY))
  const shared = redis === undefined ? memory() : memory().useL2Layer(inRedis(redis))
  return new BentoCache({ default: 'memory', prefix, stores: { memory: memory(), shared } })
}

function inRedis({ client }: RedisConnection) {
  // Loads ioredis, which servers without Redis do without (redis-connection.ts).
  const { redisDriver }: typeof import('bentocache/drivers/redis') = require('bentocache/drivers/redis')
  return redisDriver({ connection: client })
}

function ownTag(key: string): string {
  return `key ${key}`
}

/** Runs `work` unless it is running under `key` already; all who asked get the one result, or failure. */
function once<T>(running: Map<string, Promise<unknown>>, key: string, work: () => Promise<T>): Promise<T>
async function once(running: Map<string, Promise<unknown>>, key: string, work: () => Promise<unknown>) {
  const current = running.get(key)
  if (current !== undefined) return await current
  const started = work().finally(() => running.delete(key))
  running.set(key, started)
  return await started
}
