import { createRequire } from 'node:module'
import type { Redis } from 'ioredis'
import type { Logger } from '../logger.ts'

const require = createRequire(import.meta.url)

/** The longest anything waits for Redis; after that it does without. */
const COMMAND_TIMEOUT_MS = 200
const CONNECT_TIMEOUT_MS = 2_000
/** A connection over which nothing came for so long although something was asked is given up. */
const SILENCE_LIMIT_MS = 2_000
const PROBE_EVERY_MS = 250
const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 2_000

/**
 * The one connection to Redis. Redis is never needed: who uses it asks {@link RedisConnection.available} first and has
 * another way. A command takes 200 ms at most; the first that takes longer makes the connection unavailable until a
 * probe is answered, so that a Redis that hangs costs one call its 200 ms and not all of them.
 */
export interface RedisConnection {
  readonly client: Redis
  /** Whether asking makes sense. False from the first sign of trouble until Redis answers again. */
  available(): boolean
  /** Calls `listener` whenever {@link available} changes. */
  onAvailable(listener: (available: boolean) => void): void
  /** Resolves when the first attempt to connect succeeded or failed; retries go on. */
  start(): Promise<void>
  /** @throws Error when Redis does not answer in time */
  ping(): Promise<void>
  close(): Promise<void>
}

/**
 * Prepares the connection to `url`, which may hold a password and is never logged. Commands are refused, not queued,
 * while there is no connection, and never sent twice. Does nothing before `start`.
 */
export function createRedisConnection(url: string, logger: Pick<Logger, 'info' | 'warn'>): RedisConnection {
  const listeners: ((available: boolean) => void)[] = []
  let available = false
  let probing: NodeJS.Timeout | undefined

  // Loaded when there is a Redis: 50 modules, 35 ms of every start.
  const ioredis: typeof import('ioredis') = require('ioredis')
  const client = new ioredis.Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_LIMIT_MS,
    // Processes that lost it together do not come back together.
    retryStrategy: (attempt) =>
      Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS) * (0.5 + Math.random()),
  })

  const setAvailable = (next: boolean): void => {
    if (available === next) return
    available = next
    if (next) logger.info('Redis is there')
    else logger.warn('Redis does not answer; going on without it')
    for (const listener of listeners) listener(next)
  }
  const stopProbing = (): void => {
    clearTimeout(probing)
    probing = undefined
  }
  const probe = (): void => {
    probing ??= setTimeout(async () => {
      const answered = await client.ping().then(
        () => true,
        () => false,
      )
      probing = undefined
      // Without a connection there is nothing to probe; `ready` will tell.
      if (client.status !== 'ready') return
      if (answered) setAvailable(true)
      else probe()
    }, PROBE_EVERY_MS).unref()
  }

  const send = client.sendCommand.bind(client)
  client.sendCommand = (command, stream) => {
    command.promise.catch((error: unknown) => {
      if (!(error instanceof Error) || error.message !== 'Command timed out') return
      setAvailable(false)
      probe()
    })
    return send(command, stream)
  }
  client.on('ready', () => setAvailable(true))
  client.on('close', () => {
    stopProbing()
    setAvailable(false)
  })
  // The URL is in none of these errors; what they say is logged once, when it changes something.
  client.on('error', () => undefined)

  return {
    client,
    available: () => available,
    onAvailable: (listener) => void listeners.push(listener),
    async start() {
      await client.connect().catch((error: unknown) => {
        // The message alone: an error of ioredis carries the command, which may be AUTH.
        const reason = error instanceof Error ? error.message : String(error)
        logger.warn('Redis cannot be reached; going on without it', { reason })
      })
    },
    async ping() {
      await client.ping()
    },
    async close() {
      stopProbing()
      listeners.length = 0
      client.disconnect()
    },
  }
}
