import type { Database } from '../../../platform/database/index.ts'
import type { Bus } from '../../../platform/events/bus.ts'
import { stoppedAmong } from './replies.repository.ts'
import { STOP_TOPIC } from './stop-topic.ts'

/** Hears of replies that are to stop, wherever that was asked. */
export interface StopRequests {
  /** Calls `stop` when `replyId` is to stop; returns how to listen no more. */
  watch(replyId: string, stop: () => void): () => void
  close(): void
}

/** Looked at while messages of other processes may get lost; every so many times while they do not. */
const LOOK_EVERY_MS = 1_000
const HEALTHY_LOOKS = 5

/** Builds {@link StopRequests}: told by the bus, with looks at the rows as a backstop. */
export function createStopRequests(database: Pick<Database, 'pool'>, bus: Bus): StopRequests {
  const watched = new Map<string, () => void>()
  let looks = 0
  const look = async (): Promise<void> => {
    looks += 1
    if (watched.size === 0 || (bus.healthy() && looks % HEALTHY_LOOKS !== 0)) return
    for (const id of await stoppedAmong(database, [...watched.keys()])) watched.get(id)?.()
  }
  // What cannot be asked now is asked again in a moment.
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_EVERY_MS).unref()
  const unsubscribe = bus.subscribe(STOP_TOPIC, (id) => watched.get(id)?.())
  return {
    watch(replyId, stop) {
      watched.set(replyId, stop)
      return () => void watched.delete(replyId)
    },
    close() {
      clearInterval(timer)
      unsubscribe()
    },
  }
}
