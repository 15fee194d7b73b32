import { type Prisma, queryIn, type Tx } from '../database/index.ts'
import type { SqlValues } from '../pagination/sql-values.ts'

/** Something that happened, to be kept and delivered in order within its stream. */
export interface NewEvent {
  /** `noun:id:kind`, for example `project:<id>:tasks`. */
  readonly stream: string
  readonly type: string
  readonly data: Prisma.InputJsonObject
}

/** Events as the parameters of {@link appendingSql} carry them: two JSON texts. */
export interface EventValues {
  readonly streams: string
  readonly events: string
}

/**
 * The CTEs that append events inside the transaction of the change; `streams` and `events` say where {@link eventValues}
 * are bound. Each stream counts its events without gaps: the stream's row stays locked until commit, so numbers become
 * visible in order and a reader that has seen n never misses n + 1.
 */
export function appendingSql(streams: string, events: string): string {
  return `heads AS (
    INSERT INTO event_streams (name, last_id)
    SELECT grown.name, grown.added FROM json_to_recordset(${streams}::json) AS grown(name text, added bigint)
    ON CONFLICT (name) DO UPDATE SET last_id = event_streams.last_id + excluded.last_id
    RETURNING name, last_id
  ), appended AS (
    INSERT INTO events (stream, id, type, data)
    SELECT heads.name, heads.last_id - item."before", item.type, item.data
    FROM json_to_recordset(${events}::json) AS item(stream text, "before" bigint, type text, data jsonb)
    JOIN heads ON heads.name = item.stream
  )`
}

/** {@link appendingSql} for one event, which is appended if the CTE `written` has rows. */
export function appendingIfWrittenSql(values: SqlValues, { stream, type, data }: NewEvent): string {
  return `heads AS (
    INSERT INTO event_streams (name, last_id)
    SELECT ${values.bind(stream, 'text')}, 1 WHERE EXISTS (SELECT FROM written)
    ON CONFLICT (name) DO UPDATE SET last_id = event_streams.last_id + 1
    RETURNING name, last_id
  ), appended AS (
    INSERT INTO events (stream, id, type, data)
    SELECT name, last_id, ${values.bind(type, 'text')}, ${values.bind(JSON.stringify(data), 'jsonb')} FROM heads
  )`
}

/** What {@link appendingSql} appends. Streams come in the order of their names, so that no two wait for each other. */
export function eventValues(events: readonly NewEvent[]): EventValues {
  const streams = Map.groupBy(events, (event) => event.stream)
  const names = [...streams.keys()].sort()
  return {
    streams: JSON.stringify(names.map((name) => ({ name, added: streams.get(name)?.length }))),
    events: JSON.stringify(
      names.flatMap((name) =>
        (streams.get(name) ?? []).map((event, index, { length }) => ({
          ...event,
          before: length - 1 - index,
        })),
      ),
    ),
  }
}

const APPEND = `WITH ${appendingSql('$1', '$2')} SELECT FROM heads`

/** Appends events to their streams inside a transaction, for changes that are nothing but events. */
export async function appendEvents(tx: Tx, events: readonly NewEvent[]): Promise<void> {
  const values = eventValues(events)
  await queryIn(tx, { name: 'plinth_append', text: APPEND, values: [values.streams, values.events] })
}

/** The bus topic that says "there are new events in this stream". */
export function streamTopic(stream: string): string {
  return `events:${stream}`
}
