import pg from 'pg'
import {
  announceChange,
  type CollectedChange,
  collectChange,
  writeChange,
} from '../../../server/src/contract/change.ts'
import { type Database, query, transaction } from '../../../server/src/platform/database/index.ts'
import type { Bus } from '../../../server/src/platform/events/bus.ts'
import type { StreamSource } from '../../../server/src/platform/events/stream-source.ts'
import { newTraceId } from '../../../server/src/platform/request-context.ts'

export const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** Commits a change as a mutation of `bus`'s process does, and tells of it, unless the process dies before. */
export async function commitChange(
  database: Database,
  bus: Bus,
  work: (change: CollectedChange) => void,
  { dies = false }: { readonly dies?: boolean } = {},
): Promise<void> {
  const runtime = { bus, jobs: { enqueue: async () => undefined } }
  const request = {
    traceId: newTraceId(),
    surface: 'system' as const,
    ip: undefined,
    userAgent: undefined,
    roundTrips: 0,
  }
  const change = await transaction(database, async (db) => {
    const collected = collectChange(db)
    work(collected)
    await writeChange(runtime, collected, { actor: null, action: 'test.commit', request })
    return collected
  })
  if (!dies) announceChange(runtime, change)
}

/** Everything that is notified on Postgres, by whomever. */
export interface Ear extends AsyncDisposable {
  /** Topics and payloads so far, in order. */
  heard(): readonly string[]
  /** How often buses have spoken to themselves. */
  echoes(): number
}

/** Listens on a connection of its own. */
export async function openEar({ connectionString }: Database): Promise<Ear> {
  const client = new pg.Client({ connectionString })
  const heard: string[] = []
  let echoes = 0
  client.on('notification', ({ payload = '' }) => {
    if (payload.startsWith('echo:')) {
      echoes += 1
      return
    }
    const message: unknown = JSON.parse(payload)
    if (!(message instanceof Object && 'topic' in message && 'payload' in message)) return
    heard.push(`${message.topic} ${message.payload}`.trim())
  })
  await client.connect()
  await client.query('LISTEN plinth')
  return {
    heard: () => heard,
    echoes: () => echoes,
    [Symbol.asyncDispose]: () => client.end(),
  }
}

/** A stream that everybody may see, and how often it was looked at. */
export function openStream(database: Database, stream: string): { source: StreamSource; looks(): number } {
  let looks = 0
  const source: StreamSource = {
    stream,
    topics: [`events:${stream}`],
    async look(after, readers) {
      looks += 1
      const rows = await query<{ id: string; type: string; data: unknown }>(database, {
        name: 'test_look',
        text: 'SELECT id::text, type, data FROM events WHERE stream = $1 ORDER BY id',
        values: [stream],
      })
      const events = rows.map(({ id, type, data }) => ({ id: BigInt(id), type, data }))
      const head = events.at(-1)?.id ?? 0n
      const news = after === undefined ? [] : events.filter(({ id }) => id > after)
      return { audience: new Set(readers), head, events: news }
    },
    refused: () => new Error('refused'),
    unknownId: () => new Error('unknown'),
    tooOld: () => new Error('too old'),
  }
  return { source, looks: () => looks }
}
