import type { Database } from './database.ts'

type Pool = Pick<Database, 'pool'>

/** Finds a row that `reader` may read, or null. */
export type FindById<Reader, Row> = (database: Pool, reader: Reader, id: string) => Promise<Row | null>

/** Reads those of `ids` that are there and that `reader` may read, in any order, with one statement. */
export type LoadByIds<Reader, Row> = (
  database: Pool,
  reader: Reader,
  ids: readonly string[],
) => Promise<readonly Row[]>

interface Gathering<Row> {
  readonly database: Pool
  readonly ids: Set<string>
  readonly rows: Promise<ReadonlyMap<string, Row>>
}

/** The most ids of one statement; what goes beyond takes another. */
const MOST_IDS = 100

/**
 * Makes one statement of what is read by id in the same turn of the event loop, so that a batch of ten reads takes one
 * round trip and one connection. Each call gets its own row, null, or the failure of the statement. Nothing is kept
 * beyond the turn.
 *
 * Only calls with the very same `reader` object share: an actor is made for each request, so callers, requests and
 * reasons to step over membership never meet, and the statement's rights are those of every call in it.
 *
 * Ids are compared as text: give them in lower case, as the contract's `Id` makes them.
 */
export function gathered<Reader extends object, Row extends { readonly id: string }>(
  load: LoadByIds<Reader, Row>,
): FindById<Reader, Row> {
  const open = new Map<Reader, Gathering<Row>>()

  const begin = (database: Pool, reader: Reader): Gathering<Row> => {
    const ids = new Set<string>()
    const rows = endOfTurn().then(async () => {
      open.delete(reader)
      const found = await load(database, reader, [...ids])
      return new Map(found.map((row) => [row.id, row]))
    })
    const gathering = { database, ids, rows }
    open.set(reader, gathering)
    return gathering
  }

  return async (database, reader, id) => {
    const known = open.get(reader)
    const hasRoom = known?.database === database && known.ids.size < MOST_IDS
    const { ids, rows } = hasRoom ? known : begin(database, reader)
    ids.add(id)
    return (await rows).get(id) ?? null
  }
}

/**
 * A tick runs when all promises that can go on have gone on: the calls of a batch have passed whatever they awaited that
 * was in memory, also where one has more such steps than another. A microtask would be too early for those, and an
 * immediate would let everything wait that the loop does in between.
 */
function endOfTurn(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}
