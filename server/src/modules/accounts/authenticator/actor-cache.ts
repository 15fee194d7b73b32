import { LRUCache } from 'lru-cache'
import type { Bus } from '../../../platform/events/bus.ts'
import { ACTORS_TOPIC } from '../actors-topic.ts'
import type { LoadedActor } from './actor-loader.ts'

const MAX_ENTRIES = 20_000
/** A backstop; what ends an entry is the announcement of a change. */
const TTL_MS = 60_000

/** Credentials that were looked up, kept until something about their user changes. */
export interface ActorCache {
  /** The actor under `key`, loaded when it is not known. */
  get(key: string, load: () => Promise<LoadedActor | null>): Promise<LoadedActor | null>
  close(): void
}

/** A look-up under way. What it brings must not be kept if its user changed in the meantime. */
interface Load {
  readonly changed: Set<string>
  emptied: boolean
}

/** Builds the cache. While announcements may get lost it holds nothing and every call asks the database. */
export function createActorCache(bus: Pick<Bus, 'subscribe' | 'healthy' | 'onHealthChange'>): ActorCache {
  const keysByUser = new Map<string, Set<string>>()
  const loads = new Set<Load>()
  const entries = new LRUCache<string, LoadedActor>({
    max: MAX_ENTRIES,
    ttl: TTL_MS,
    // To the millisecond, as by default, it sets a timer in nearly each.
    ttlResolution: 1_000,
    dispose: (actor, key) => unlink(actor.userId, key),
  })

  const unlink = (userId: string, key: string): void => {
    const keys = keysByUser.get(userId)
    keys?.delete(key)
    if (keys?.size === 0) keysByUser.delete(userId)
  }

  const keep = (key: string, actor: LoadedActor): void => {
    entries.set(key, actor)
    keysByUser.set(actor.userId, (keysByUser.get(actor.userId) ?? new Set()).add(key))
  }

  const forget = (userId: string): void => {
    for (const load of loads) load.changed.add(userId)
    for (const key of [...(keysByUser.get(userId) ?? [])]) entries.delete(key)
  }

  const empty = (): void => {
    for (const load of loads) load.emptied = true
    entries.clear()
    keysByUser.clear()
  }

  const stops = [bus.subscribe(ACTORS_TOPIC, forget), bus.onHealthChange(empty)]

  return {
    async get(key, load) {
      const known = bus.healthy() ? entries.get(key) : undefined
      if (known !== undefined) return known
      const current: Load = { changed: new Set(), emptied: false }
      loads.add(current)
      try {
        const actor = await load()
        const trusted = bus.healthy() && !current.emptied
        if (actor !== null && trusted && !current.changed.has(actor.userId)) keep(key, actor)
        return actor
      } finally {
        loads.delete(current)
      }
    },
    close() {
      for (const stop of stops) stop()
      empty()
    },
  }
}
