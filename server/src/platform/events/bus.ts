import { randomUUID } from 'node:crypto'
import { type Database, type DatabaseLogger, query, type Tx } from '../database/index.ts'
import { decodeMessage, encodeMessage } from './bus-message.ts'
import { createTeller } from './bus-teller.ts'
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
  /**
   * Tells the other processes when `tx` commits, if and only if it does; their listeners hear it, those of this process
   * do not. One statement. PostgreSQL lets one transaction with notifications commit at a time, so it is for what must
   * not be lost; for the rest there is {@link tell}.
   */
  notify(tx: Tx, messages: readonly BusMessage[]): Promise<void>
  /** The notifications on `plinth` by which {@link notify} tells them; none when nobody is to be told. */
  notifications(messages: readonly BusMessage[]): string[]
  /**
   * Tells the other processes soon: messages that come while others are being sent go together, in one statement. Call
   * it after the commit. They leave on the connection that `start` opened, on one of the pool while that is away, are
   * sent again for as long as both fail, and are lost when the process dies before: only for what the others find out by
   * themselves, a little later. Returns at once and never throws.
   */
  tell(messages: readonly BusMessage[]): void
  /** Calls `listener` for every message on `topic`; returns how to stop that. */
  subscribe(topic: string, listener: BusListener): () => void
  /** False while messages of other processes may get lost. Always true on an embedded database: there are none. */
  healthy(): boolean
  /** Calls `listener` whenever {@link healthy} changes; returns how to stop that. */
  onHealthChange(listener: (healthy: boolean) => void): () => void
  /** Sends what is still to be told, for two seconds at most, and ends. */
  close(): Promise<void>
}

/** What the bus needs of a database; an embedded one has no other processes to hear of. */
export type BusDatabase =
  | { readonly kind: 'embedded' }
  | ({ readonly kind: 'postgres' } & Pick<Database, 'connectionString' | 'pool'>)

/** Says that more was to be told than could be kept: whoever hears it takes it as if the connection had been down. */
const MISSED_TOPIC = 'bus:missed'

const TELL = "SELECT pg_notify('plinth', text) FROM unnest($1::text[]) AS text"

/** The bus over `database`. Does nothing before `start`. */
export function createBus(database: BusDatabase, logger?: DatabaseLogger): Bus {
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

  const heard = (text: string): void => {
    const message = decodeMessage(text)
    if (message === undefined || message.sender === sender) return
    if (message.topic !== MISSED_TOPIC) deliver(message.topic, message.payload)
    else if (healthy) {
      setHealthy(false)
      setHealthy(true)
    }
  }
  const teller =
    database.kind === 'embedded'
      ? undefined
      : createTeller({
          send: (texts) => {
            const statement = { name: 'plinth_tell', text: TELL, values: [texts] }
            // The connections of the pool are taken just when there is much to tell. Before `start`, after a break and
            // behind a transaction pooler there is no other connection.
            return listening?.send(statement) ?? query(database, statement)
          },
          missed: encodeMessage({ sender, topic: MISSED_TOPIC, payload: '' }),
          logger,
        })

  return {
    async start() {
      if (database.kind === 'embedded' || listening !== undefined) return
      listening = listen({
        connectionString: database.connectionString,
        onPayload: heard,
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
    tell(messages) {
      // The change is made: a message that cannot be sent must not look as if it were not, nor keep the others.
      for (const message of messages) guarded(() => teller?.tell(notifications([message])), logger)
    },
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
      await teller?.close()
      await listening?.close()
    },
  }
}

/** One listener's mistake must not keep the message from the others, nor reach whoever spoke. */
function guarded(work: () => void, logger: DatabaseLogger | undefined): void {
  try {
    work()
  } catch (error) {
    logger?.error('A message on the bus failed', { error })
  }
}
