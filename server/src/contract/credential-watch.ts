import { createGate } from '../platform/limits/index.ts'
import { type Actor, type Authenticator, actorVia } from './actor.ts'

/** One stream's view of the credential it was opened with. */
export interface WatchedCredential {
  /**
   * Whether the credential holds now: an answer that was asked for before the call does not count.
   * @throws what the look-up did
   */
  holds(): Promise<boolean>
  stop(): void
}

/**
 * Looks after the credentials of all open streams of a process: each is asked about once a second, however many streams
 * were opened with it, by one timer.
 */
export interface CredentialWatch {
  /** Calls `onLost` once when the regular look finds that the credential does not hold any more. */
  watch(actor: Actor, onLost: () => void): WatchedCredential
  /** How many credentials are being watched. */
  size(): number
}

/** A revoked session loses its streams within this time and the time of one look. */
const EVERY_MS = 1_000
/** While nothing can be kept in memory every look is a query, and thousands of streams must not take the whole pool. */
const MOST_AT_ONCE = 4

interface Entry {
  readonly actor: Actor
  readonly listeners: Set<() => void>
  /** The look that runs. */
  running: Promise<boolean> | undefined
  /** The look after that one, for everybody who asked meanwhile. */
  next: Promise<boolean> | undefined
}

/** Builds the {@link CredentialWatch}. The timer runs only while there is something to watch. */
export function createCredentialWatch(authenticator: Pick<Authenticator, 'stillValid'>): CredentialWatch {
  const entries = new Map<string, Entry>()
  const gate = createGate(MOST_AT_ONCE)
  let timer: NodeJS.Timeout | undefined
  let sweeping = false

  const look = (entry: Entry): Promise<boolean> => {
    const running = gate(() => authenticator.stillValid(entry.actor)).finally(() => {
      entry.running = undefined
    })
    entry.running = running
    return running
  }

  const ask = (entry: Entry): Promise<boolean> => {
    if (entry.running === undefined) return look(entry)
    const again = (): Promise<boolean> => {
      entry.next = undefined
      return look(entry)
    }
    entry.next ??= entry.running.then(again, again)
    return entry.next
  }

  const sweep = async (): Promise<void> => {
    if (sweeping) return
    sweeping = true
    await Promise.all(
      [...entries.values()].map(async (entry) => {
        // A look that cannot be made (database away) leaves the streams open only until the next one that can.
        const holds = await (entry.running ?? look(entry)).catch(() => true)
        if (!holds) for (const onLost of [...entry.listeners]) onLost()
      }),
    )
    sweeping = false
  }

  return {
    size: () => entries.size,
    watch(actor, onLost) {
      const key = `${actorVia(actor)} ${actor.userId} ${actor.role}`
      const entry: Entry = entries.get(key) ?? {
        actor,
        listeners: new Set(),
        running: undefined,
        next: undefined,
      }
      // A function of its own, so that two streams with one listener are two.
      const listener = (): void => onLost()
      entries.set(key, entry)
      entry.listeners.add(listener)
      timer ??= setInterval(() => void sweep(), EVERY_MS).unref()
      return {
        holds: () => ask(entry),
        stop() {
          entry.listeners.delete(listener)
          if (entry.listeners.size === 0 && entries.get(key) === entry) entries.delete(key)
          if (entries.size > 0) return
          clearInterval(timer)
          timer = undefined
        },
      }
    },
  }
}
