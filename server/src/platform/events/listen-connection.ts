import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import pg, { type QueryConfig } from 'pg'
import type { DatabaseLogger } from '../database/index.ts'

const HEARTBEAT_MS = 1_000
const ANSWER_TIMEOUT_MS = 2_000
/** Begins the messages that a connection sends to itself. */
const ECHO = 'echo:'
const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 5_000

export interface ListenOptions {
  readonly connectionString: string
  readonly onPayload: (payload: string) => void
  /** Told true once notifications arrive, false when they may get lost. */
  readonly onHealth: (healthy: boolean) => void
  readonly logger: DatabaseLogger | undefined
}

/** A connection that listens until it is closed, whatever happens to it. */
export interface Listening {
  /** Resolves when the first attempt to connect has succeeded or failed. */
  readonly firstAttempt: Promise<void>
  /**
   * Runs a statement on the connection, or returns undefined while there is none, which behind a transaction pooler is
   * always. It must be quick, as nothing is heard while it runs. The promise rejects when the statement may not have
   * been run; the connection is replaced then.
   */
  send(statement: QueryConfig): Promise<void> | undefined
  close(): Promise<void>
}

/** Runs a statement on the connection that is open. */
type Send = (statement: QueryConfig) => Promise<void>

/**
 * Keeps one connection on the channel `plinth`. A message to itself every second finds connections whose other end is
 * gone without a word (a pulled cable, a sleeping firewall) and those that hear nothing; a lost one is replaced after a
 * growing, random pause.
 */
export function listen(options: ListenOptions): Listening {
  const stopping = new AbortController()
  const first = Promise.withResolvers<void>()
  let current: Send | undefined
  const running = run(options, stopping.signal, {
    attempted: first.resolve,
    opened(send) {
      current = send
      options.onHealth(true)
    },
    lost() {
      current = undefined
      options.onHealth(false)
    },
  })
  return {
    firstAttempt: first.promise,
    send: (statement) => current?.(statement),
    async close() {
      stopping.abort()
      await running
    },
  }
}

/** Is told how the connection does. */
interface Watcher {
  /** An attempt to connect has succeeded or failed. */
  attempted(): void
  /** It hears, and can send. */
  opened(send: Send): void
  /** What was opened last, if anything, is of no use any more. */
  lost(): void
}

async function run(options: ListenOptions, signal: AbortSignal, watcher: Watcher): Promise<void> {
  let wait = FIRST_RETRY_MS
  while (!signal.aborted) {
    try {
      await listenOnce(options, signal, {
        ...watcher,
        opened(send) {
          wait = FIRST_RETRY_MS
          watcher.opened(send)
          watcher.attempted()
        },
      })
    } catch (error) {
      if (!signal.aborted)
        options.logger?.warn('The notification connection broke; connecting again', { error })
    }
    watcher.attempted()
    await pause(wait * (0.5 + Math.random()), signal)
    wait = Math.min(wait * 2, LONGEST_RETRY_MS)
  }
}

async function listenOnce(options: ListenOptions, signal: AbortSignal, watcher: Watcher): Promise<void> {
  const client = new pg.Client({
    connectionString: options.connectionString,
    application_name: 'plinth-listen',
    connectionTimeoutMillis: ANSWER_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
  })
  /** Its reason is the first thing that went wrong; what fails after it fails because of it. */
  const ended = new AbortController()
  client.on('error', (error) => ended.abort(error))
  client.on('end', () => ended.abort(new Error('The connection ended')))
  let awaited: string | undefined
  let heard = false
  client.on('notification', ({ payload = '' }) => {
    // Other processes' echoes come here too.
    if (!payload.startsWith(ECHO)) options.onPayload(payload)
    else if (payload === awaited) heard = true
  })
  let last: Promise<unknown> = Promise.resolve()
  /** One after the other: `pg` counts the time limit from here on, and behind a slow one the echo would look lost. */
  const ask = (statement: QueryConfig): Promise<unknown> => {
    const answer = last.then(() => client.query(statement))
    last = answer.catch(() => undefined)
    return answer
  }
  /** A connection through a pooler accepts LISTEN and hears nothing; only an echo proves that it does. */
  const echo = async (): Promise<void> => {
    awaited = `${ECHO}${randomUUID()}`
    heard = false
    await ask({ text: 'SELECT pg_notify($1, $2)', values: ['plinth', awaited] })
    // Notifications of a transaction come before the next answer on the same connection.
    if (!heard) await ask({ text: 'SELECT 1' })
    if (!heard) throw new Error('Notifications do not arrive; connect without a transaction pooler')
  }
  const send: Send = async (statement) => {
    try {
      await ask(statement)
    } catch (error) {
      // What fails a notification fails the echo, too, and without an answer nobody knows what it stands in front of.
      ended.abort(error)
      throw error
    }
  }
  ended.signal.addEventListener('abort', watcher.lost)
  const paused = AbortSignal.any([signal, ended.signal])
  try {
    await client.connect()
    // Only now: `connect` never returns when the connection is given up meanwhile. An echo on its way is not waited for.
    ended.signal.addEventListener('abort', () => void client.end().catch(() => undefined))
    await client.query('LISTEN plinth')
    await echo()
    paused.throwIfAborted()
    watcher.opened(send)
    while (!paused.aborted) {
      await pause(HEARTBEAT_MS, paused)
      if (!paused.aborted) await echo()
    }
  } catch (error) {
    ended.abort(error)
  }
  if (!ended.signal.aborted) watcher.lost()
  await hangUp(client)
  ended.signal.throwIfAborted()
}

/** A connection that is dead does not say goodbye. */
async function hangUp(client: pg.Client): Promise<void> {
  const patience = new AbortController()
  await Promise.race([client.end().catch(() => undefined), pause(1_000, patience.signal)])
  patience.abort()
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined)
}
