import type { Database } from '../../../platform/database/index.ts'
import type { Bus } from '../../../platform/events/bus.ts'
import { ACTORS_TOPIC } from '../../accounts/index.ts'
import { haltedAmong } from './replies.repository.ts'
import type { HaltCause } from './reply-writer.ts'
import { STOP_TOPIC } from './stop-topic.ts'

/** A reply that is being written, and whose it is. */
interface WatchedReply {
  readonly id: string
  readonly userId: string
}

type Halt = (why: Extract<HaltCause, 'stopped' | 'locked out'>) => void

/** Hears of replies that are to stop: because that was asked for, wherever, or because their user was locked out. */
export interface StopRequests {
  /** Calls `halt` when the reply is to stop, perhaps more than once; returns how to listen no more. */
  watch(reply: WatchedReply, halt: Halt): () => void
  close(): void
}

/** Looked at while messages of other processes may get lost; every so many times while they do not. */
const LOOK_EVERY_MS = 1_000
const HEALTHY_LOOKS = 5

/** Builds {@link StopRequests}: told by the bus, with looks at the rows as a backstop. */
export function createStopRequests(database: Pick<Database, 'pool'>, bus: Bus): StopRequests {
  const watched = new Map<string, { readonly userId: string; readonly halt: Halt }>()
  let looks = 0
  const look = async (ids: readonly string[]): Promise<void> => {
    if (ids.length === 0) return
    for (const { id, lockedOut } of await haltedAmong(database, ids)) {
      watched.get(id)?.halt(lockedOut ? 'locked out' : 'stopped')
    }
  }
  // What cannot be asked now is asked again in a moment.
  const tryLook = (ids: readonly string[]): void => void look(ids).catch(() => undefined)
  const timer = setInterval(() => {
    looks += 1
    if (!bus.healthy() || looks % HEALTHY_LOOKS === 0) tryLook([...watched.keys()])
  }, LOOK_EVERY_MS).unref()
  const unsubscribes = [
    bus.subscribe(STOP_TOPIC, (id) => watched.get(id)?.halt('stopped')),
    // Most of what is said of a user leaves them in: the rows tell.
    bus.subscribe(ACTORS_TOPIC, (userId) =>
      tryLook([...watched].filter(([, reply]) => reply.userId === userId).map(([id]) => id)),
    ),
  ]
  return {
    watch({ id, userId }, halt) {
      watched.set(id, { userId, halt })
      return () => void watched.delete(id)
    },
    close() {
      clearInterval(timer)
      for (const unsubscribe of unsubscribes) unsubscribe()
    },
  }
}
