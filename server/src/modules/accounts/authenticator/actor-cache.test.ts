import { afterEach, expect, it } from 'vitest'
import { createBus } from '../../../platform/events/bus.ts'
import { ACTORS_TOPIC } from '../actors-topic.ts'
import { type ActorCache, createActorCache } from './actor-cache.ts'
import type { LoadedActor } from './actor-loader.ts'

const actor: LoadedActor = {
  id: 'session',
  userId: 'ada',
  email: 'ada@example.com',
  role: 'user',
  betaTester: false,
  subscriptionTier: 'free',
  authenticatedAt: new Date(0),
  expiresAt: null,
  scopes: null,
  lastUsedAt: null,
}

const bus = createBus({ kind: 'embedded' })
let cache: ActorCache
afterEach(() => cache.close())

/** Loads the actor and counts how often. */
function counter() {
  const calls = {
    count: 0,
    async load() {
      calls.count += 1
      return actor
    },
  }
  return calls
}

it('loads once and again after something about the user changed', async () => {
  cache = createActorCache(bus)
  const calls = counter()
  await cache.get('a', calls.load)
  await cache.get('a', calls.load)
  expect(calls.count).toBe(1)
  bus.publish(ACTORS_TOPIC, 'somebody else')
  await cache.get('a', calls.load)
  expect(calls.count).toBe(1)
  bus.publish(ACTORS_TOPIC, 'ada')
  await cache.get('a', calls.load)
  expect(calls.count).toBe(2)
})

it('does not keep what was read before a change that came while it was read', async () => {
  cache = createActorCache(bus)
  const reading = Promise.withResolvers<LoadedActor>()
  const first = cache.get('a', () => reading.promise)
  bus.publish(ACTORS_TOPIC, 'ada')
  reading.resolve(actor)
  await first
  const calls = counter()
  await cache.get('a', calls.load)
  expect(calls.count).toBe(1)
})

it('holds nothing while announcements may get lost, and starts empty afterwards', async () => {
  let healthy = true
  const listeners = new Set<(healthy: boolean) => void>()
  const set = (next: boolean) => {
    healthy = next
    for (const listener of listeners) listener(next)
  }
  cache = createActorCache({
    subscribe: bus.subscribe,
    healthy: () => healthy,
    onHealthChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  })
  const calls = counter()
  await cache.get('a', calls.load)
  set(false)
  await cache.get('a', calls.load)
  await cache.get('a', calls.load)
  expect(calls.count).toBe(3)
  set(true)
  await cache.get('a', calls.load)
  await cache.get('a', calls.load)
  expect(calls.count).toBe(4)
})
