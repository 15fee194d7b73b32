import { AsyncLocalStorage } from 'node:async_hooks'
import { type Database, type DatabaseLogger, query } from '../database/index.ts'
import type { Bus } from './bus.ts'

/** A stream that is followed, as the backstop sees it. */
export interface FollowedStream {
  readonly stream: string
  /** Whether there are followers who rely on being woken, and have not been handed the event `newest`. */
  isBehind(newest: bigint): boolean
  /** Looks for new events. */
  wake(): void
}

/**
 * Finds events that nobody told this process of: the one that committed them died before it could
 * ({@link Bus.tell}). One for all streams that are followed in a process.
 */
export interface StreamBackstop {
  /** Looks after `followed`; returns how to stop that. */
  watch(followed: FollowedStream): () => void
}

/** What {@link createStreamBackstop} needs. */
export interface StreamBackstopDeps {
  readonly database: Pick<Database, 'kind' | 'pool'>
  readonly bus: Pick<Bus, 'healthy'>
  readonly logger: DatabaseLogger
}

/** So many streams share a statement. */
const MOST_AT_ONCE = 1_000

/**
 * By the events and not by `event_streams`, which knows nothing of jobs and replies: their rows count their events. The
 * last entry of each stream in the primary key is all that is read.
 */
const NEWEST = `SELECT given.stream, (SELECT max(e.id) FROM events e WHERE e.stream = given.stream)::text AS newest
  FROM unnest($1::text[]) AS given(stream)`

/** A process dies seldom, and who watches a list does not mind a few seconds then. */
const LOOK_EVERY_MS = 5_000

const outsideRequests = AsyncLocalStorage.snapshot()

/**
 * Builds the backstop: one statement every `everyMs` for all streams that are followed (one for each thousand), none
 * while there are none. An embedded database has no other processes, so nothing is looked for. While the bus is not
 * healthy its readers look at every stream themselves.
 */
export function createStreamBackstop(
  { database, bus, logger }: StreamBackstopDeps,
  everyMs = LOOK_EVERY_MS,
): StreamBackstop {
  const watched = new Set<FollowedStream>()
  let timer: NodeJS.Timeout | undefined
  let looking = false

  async function look(): Promise<void> {
    const all = [...watched]
    for (let from = 0; from < all.length; from += MOST_AT_ONCE) {
      const some = all.slice(from, from + MOST_AT_ONCE)
      const newest = await newestOf(database, new Set(some.map(({ stream }) => stream)))
      for (const followed of some) {
        if (watched.has(followed) && followed.isBehind(newest.get(followed.stream) ?? 0n)) followed.wake()
      }
    }
  }

  const due = (): void => {
    if (looking || !bus.healthy()) return
    looking = true
    look()
      .catch((error: unknown) => logger.warn('Streams could not be looked after; trying again', { error }))
      .finally(() => {
        looking = false
      })
  }

  return {
    watch(followed) {
      if (database.kind === 'embedded') return () => undefined
      watched.add(followed)
      timer ??= outsideRequests(() => setInterval(due, everyMs).unref())
      return () => {
        watched.delete(followed)
        if (watched.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
    },
  }
}

/** The last event of each of these streams that has any. */
async function newestOf(
  database: Pick<Database, 'pool'>,
  streams: ReadonlySet<string>,
): Promise<ReadonlyMap<string, bigint>> {
  const statement = { name: 'plinth_newest_events', text: NEWEST, values: [[...streams]] }
  const rows = await query<{ stream: string; newest: string | null }>(database, statement)
  return new Map(rows.flatMap(({ stream, newest }) => (newest === null ? [] : [[stream, BigInt(newest)]])))
}
