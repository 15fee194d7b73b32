import { LRUCache } from 'lru-cache'
import type { Stats } from './schemas.ts'

const kept = new LRUCache<string, Stats>({ max: 10_000, ttl: 5 * 60_000 })

/** A user's statistics, at most five minutes old. */
export async function cachedStats(userId: string, load: () => Promise<Stats>): Promise<Stats> {
  const known = kept.get(userId)
  if (known !== undefined) return known
  const stats = await load()
  kept.set(userId, stats)
  return stats
}
