import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as delay, setImmediate as endOfTurn } from 'node:timers/promises'
import type { DatabaseLogger } from '../database/index.ts'

/** Sends notifications after the commits that they tell of, several together. */
export interface Teller {
  /** Has `texts` sent; those that wait already are sent once. Returns at once and never throws. */
  tell(texts: readonly string[]): void
  /** Sends what waits, for two seconds at most; what could not be sent by then is dropped, and so is what comes later. */
  close(): Promise<void>
}

/** What {@link createTeller} needs. */
export interface TellerDeps {
  /** One statement that sends all of `texts`. @throws when they may not have been sent */
  readonly send: (texts: readonly string[]) => Promise<unknown>
  /** Stands for all texts that were too many to keep. */
  readonly missed: string
  readonly logger: DatabaseLogger | undefined
}

/** More than these share a statement with nobody: it has to stay short, as others wait behind its commit. */
const MOST_AT_ONCE = 500
/** Some megabytes. Whoever is told of more than this does better to look at everything. */
const MOST_WAITING = 10_000
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000
const CLOSE_WITHIN_MS = 2_000

/** A telling is for many requests: its round trips are nobody's. */
const outsideRequests = AsyncLocalStorage.snapshot()

/**
 * Builds the {@link Teller}. One statement is under way at a time, and what comes meanwhile goes with the next. One
 * that fails is sent again after growing, random pauses, for as long as the process lives: sent twice is a look too
 * many, not sent is a wait.
 */
export function createTeller({ send, missed, logger }: TellerDeps): Teller {
  const waiting = new Set<string>()
  const closing = new AbortController()
  let underWay: Promise<void> | undefined
  let closed = false

  const keep = (texts: readonly string[]): void => {
    // It is sent later than these were committed, so it stands for them as well.
    if (waiting.has(missed)) return
    for (const text of texts) waiting.add(text)
    if (waiting.size <= MOST_WAITING) return
    waiting.clear()
    waiting.add(missed)
  }

  const take = (): string[] => {
    const texts: string[] = []
    for (const text of waiting) {
      if (texts.length === MOST_AT_ONCE) break
      texts.push(text)
      waiting.delete(text)
    }
    return texts
  }

  async function sendAll(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS
    // What is committed in one turn of the event loop goes together.
    await endOfTurn()
    while (waiting.size > 0 && !closed) {
      const texts = take()
      try {
        await send(texts)
        pauseMs = FIRST_PAUSE_MS
      } catch (error) {
        if (closed) return
        keep(texts)
        logger?.warn('Other processes could not be told of changes; trying again', { error })
        await pause(pauseMs * (0.5 + Math.random()))
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
      }
    }
  }

  /** Ends early when closing begins, and is short from then on. Must not keep the process alive. */
  async function pause(ms: number): Promise<void> {
    if (closing.signal.aborted) await delay(FIRST_PAUSE_MS, undefined, { ref: false })
    else await delay(ms, undefined, { ref: false, signal: closing.signal }).catch(() => undefined)
  }

  const teller: Teller = {
    tell(texts) {
      if (closed || texts.length === 0) return
      keep(texts)
      underWay ??= outsideRequests(() =>
        sendAll().finally(() => {
          underWay = undefined
          // What came in the moment after the last look.
          if (waiting.size > 0) teller.tell([...waiting])
        }),
      )
    },
    async close() {
      closing.abort()
      const patience = new AbortController()
      const limit = delay(CLOSE_WITHIN_MS, undefined, { signal: patience.signal }).catch(() => undefined)
      await Promise.race([underWay, limit])
      patience.abort()
      closed = true
      if (waiting.size > 0 || underWay !== undefined)
        logger?.warn('Other processes were not told of everything; they find it themselves')
      waiting.clear()
    },
  }
  return teller
}
