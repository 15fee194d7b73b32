import { Prisma, type Tx } from '../database/index.ts'

/** Something that happened, to be kept and delivered in order within its stream. */
export interface NewEvent {
  /** `noun:id:kind`, for example `project:<id>:tasks`. */
  readonly stream: string
  readonly type: string
  readonly data: Prisma.InputJsonObject
}

/**
 * Appends events inside the transaction of the change. Each stream counts its events without gaps: the stream's row
 * stays locked until commit, so numbers become visible in order and a reader that has seen n never misses n + 1.
 * Streams are locked in name order to keep two transactions from waiting for each other.
 */
export async function appendEvents(tx: Tx, events: readonly NewEvent[]): Promise<void> {
  const streams = Map.groupBy(events, (event) => event.stream)
  for (const stream of [...streams.keys()].sort()) {
    const batch = streams.get(stream) ?? []
    const types = batch.map((event) => event.type)
    const data = batch.map((event) => JSON.stringify(event.data))
    await tx.$executeRaw(Prisma.sql`
      WITH head AS (
        INSERT INTO event_streams (name, last_id) VALUES (${stream}, ${batch.length}::bigint)
        ON CONFLICT (name) DO UPDATE SET last_id = event_streams.last_id + ${batch.length}::bigint
        RETURNING last_id
      )
      INSERT INTO events (stream, id, type, data)
      SELECT ${stream}, head.last_id - ${batch.length}::bigint + item.position, item.type, item.data::jsonb
      FROM head, unnest(${types}::text[], ${data}::text[]) WITH ORDINALITY AS item(type, data, position)
    `)
  }
}

/** The bus topic that says "there are new events in this stream". */
export function streamTopic(stream: string): string {
  return `events:${stream}`
}
