import { randomUUID } from 'node:crypto'
import type { Database, DatabaseLogger, Tx } from '../database/index.ts'
import { decodeMessage, encodeMessage } from './bus-message.ts'
import { type Listening, listen } from './listen-connection.ts'

export type BusListener = (payload: string) => void

/** What is said about what. */
export interface BusMessage {
  readonly topic: string
  readonly payload: string
}

/**
 * Short messages by topic between the parts of the program and, on a Postgres server, between its processes.
 * A message says that something changed; what changed is in the database. It can get lost while a connection is down,
 * which `healthy` and `onHealthChange` tell: a listener that must not miss anything looks again then.
 */
export interface Bus {
  /** Connects to what other processes send. Resolves after the first attempt, also a failed one; retries go on. */
  start(): Promise<void>
  /** Tells listeners in this process, at once. Call it after the commit. */
  publish(topic: string, payload: string): void
  /** Tells the other processes when `tx` commits; their listeners hear it, those of this process do not. One statement. */
  notify(tx: Tx, messages: readonly BusMessage[]): Promise<void>
  /** The notifications on `plinth` by which {@link notify} tells them; none when nobody is to be told. */
  notifications(messages: readonly BusMessage[]): string[]
  /** Calls `listener` for every message on `topic`; returns how to stop that. */
  subscribe(topic: string, listener: BusListener): () => void
  /** False while messages of other processes may get lost. Always true on an embedded database: there are none. */
  healthy(): boolean
  /** Calls `listener` whenever {@link healthy} changes; returns how to stop that. */
  onHealthChange(listener: (healthy: boolean) => void): () => void
  close(): Promise<void>
}

/** The bus over `database`. Does nothing before `start`. */
export function createBus(
  database: Pick<Database, 'kind' | 'connectionString'>,
  logger?: DatabaseLogger,
): Bus {
  // Postgres hands a process its own notifications too; their sender is how they are told apart and dropped.
  const sender = randomUUID()
  const topics = new Map<string, Set<BusListener>>()
  const healthListeners = new Set<(healthy: boolean) => void>()
  const alone = database.kind === 'embedded'
  let healthy = alone
  let listening: Listening | undefined

  const deliver = (topic: string, payload: string): void => {
    for (const listener of [...(topics.get(topic) ?? [])]) guarded(() => listener(payload), logger)
  }
  const setHealthy = (next: boolean): void => {
    if (healthy === next) return
    healthy = next
    for (const listener of [...healthListeners]) guarded(() => listener(next), logger)
  }

  const notifications: Bus['notifications'] = (messages) =>
    alone ? [] : messages.map((message) => encodeMessage({ sender, ...message }))

  return {
    async start() {
      if (alone || listening !== undefined) return
      listening = listen({
        connectionString: database.connectionString,
        onPayload: (text) => {
          const message = decodeMessage(text)
          if (message !== undefined && message.sender !== sender) deliver(message.topic, message.payload)
        },
        onHealth: setHealthy,
        logger,
      })
      await listening.firstAttempt
    },
    publish: deliver,
    async notify(tx, messages) {
      const texts = notifications(messages)
      if (texts.length === 0) return
      await tx.$executeRaw`SELECT pg_notify('plinth', text) FROM unnest(${texts}::text[]) AS text`
    },
    notifications,
    subscribe(topic, listener) {
      const listeners = topics.get(topic) ?? new Set()
      topics.set(topic, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0 && topics.get(topic) === listeners) topics.delete(topic)
      }
    },
    healthy: () => healthy,
    onHealthChange(listener) {
      healthListeners.add(listener)
      return () => void healthListeners.delete(listener)
    },
    async close() {
      await listening?.close()
    },
  }
}

/** One listener's mistake must not keep the message from the others, nor reach whoever published it. */
function guarded(work: () => void, logger: DatabaseLogger | undefined): void {
  try {
    work()
  } catch (error) {
    logger?.error('A listener on the bus failed', { error })
  }
}
