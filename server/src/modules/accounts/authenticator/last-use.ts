import type { Clock } from '../../../platform/clock.ts'
import type { Database } from '../../../platform/database/index.ts'
import type { Logger } from '../../../platform/logger.ts'
import type { LoadedActor } from './actor-loader.ts'

const EVERY_MS = 60_000
const MAX_KEYS = 10_000

/** Notes when API keys were used, off the path of the call and at most once a minute for each. */
export interface LastUse {
  note(key: LoadedActor): void
  /** Waits for the notes being written. */
  close(): Promise<void>
}

/** Builds it. A note that cannot be written is lost; the next use makes another. */
export function createLastUse(deps: {
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
}): LastUse {
  const { database, clock, logger } = deps
  const notedAt = new Map<string, number>()
  const writing = new Set<Promise<unknown>>()

  const write = async (id: string, lastUsedAt: Date): Promise<void> => {
    const before = new Date(lastUsedAt.getTime() - EVERY_MS)
    try {
      await database.prisma.apiKey.updateMany({
        where: { id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: before } }] },
        data: { lastUsedAt },
      })
    } catch (error) {
      logger.warn('the use of an API key could not be noted', { error })
    }
  }

  return {
    note({ id, lastUsedAt }) {
      const now = clock.now()
      const last = notedAt.get(id) ?? lastUsedAt?.getTime() ?? 0
      if (now.getTime() - last < EVERY_MS) return
      if (notedAt.size >= MAX_KEYS) notedAt.clear()
      notedAt.set(id, now.getTime())
      const work = write(id, now).finally(() => writing.delete(work))
      writing.add(work)
    },
    async close() {
      await Promise.all(writing)
    },
  }
}
