import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
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
  close(): Promise<void>
}

/**
 * Keeps one connection on the channel `plinth`. A message to itself every second finds connections whose other end is
 * gone without a word (a pulled cable, a sleeping firewall) and those that hear nothing; a lost one is replaced after a
 * growing, random pause.
 */
export function listen(options: ListenOptions): Listening {
  const stopping = new AbortController()
  const first = Promise.withResolvers<void>()
  const running = run(options, stopping.signal, first.resolve)
  return {
    firstAttempt: first.promise,
    async close() {
      stopping.abort()
      await running
    },
  }
}

async function run(options: ListenOptions, signal: AbortSignal, attempted: () => void): Promise<void> {
  let wait = FIRST_RETRY_MS
  while (!signal.aborted) {
    try {
      await listenOnce(options, signal, () => {
        wait = FIRST_RETRY_MS
        attempted()
      })
    } catch (error) {
      if (!signal.aborted)
        options.logger?.warn('The notification connection broke; connecting again', { error })
    }
    options.onHealth(false)
    attempted()
    await pause(wait * (0.5 + Math.random()), signal)
    wait = Math.min(wait * 2, LONGEST_RETRY_MS)
  }
}

async function listenOnce(options: ListenOptions, signal: AbortSignal, connected: () => void): Promise<void> {
  const client = new pg.Client({
    connectionString: options.connectionString,
    application_name: 'plinth-listen',
    connectionTimeoutMillis: ANSWER_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
  })
  const broken = Promise.withResolvers<never>()
  broken.promise.catch(() => undefined)
  client.on('error', broken.reject)
  client.on('end', () => broken.reject(new Error('The connection ended')))
  let awaited: string | undefined
  let heard = false
  client.on('notification', ({ payload = '' }) => {
    // Other processes' echoes come here too.
    if (!payload.startsWith(ECHO)) options.onPayload(payload)
    else if (payload === awaited) heard = true
  })
  /** A connection through a pooler accepts LISTEN and hears nothing; only an echo proves that it does. */
  const echo = async (): Promise<void> => {
    awaited = `${ECHO}${randomUUID()}`
    heard = false
    await client.query('SELECT pg_notify($1, $2)', ['plinth', awaited])
    // Notifications of a transaction come before the next answer on the same connection.
    if (!heard) await client.query('SELECT 1')
    if (!heard) throw new Error('Notifications do not arrive; connect without a transaction pooler')
  }
  const ended = new AbortController()
  broken.promise.catch(() => ended.abort())
  const paused = AbortSignal.any([signal, ended.signal])
  try {
    await client.connect()
    await client.query('LISTEN plinth')
    await echo()
    options.onHealth(true)
    connected()
    while (!paused.aborted) {
      await pause(HEARTBEAT_MS, paused)
      if (!signal.aborted) await echo()
    }
    if (ended.signal.aborted) await broken.promise
  } finally {
    await hangUp(client)
  }
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
