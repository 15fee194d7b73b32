import pg, { type QueryConfig, type QueryResult } from 'pg'

/** BEGIN as every connection has it prepared. */
export const PREPARED_BEGIN = { name: 'plinth_begin', text: 'BEGIN' } as const

/** Prepares a new connection for {@link OpeningQuery}. Nobody waits for it: what comes later is answered later. */
export function prepareBegin(client: pg.PoolClient): void {
  // A statement is only prepared by being run.
  const answers = [client.query(PREPARED_BEGIN), client.query('ROLLBACK')]
  Promise.all(answers).catch(() => client.connection.stream.destroy())
}

/**
 * A statement that begins its transaction: BEGIN goes out in front of it, in the same write and before the same Sync
 * (PostgreSQL's protocol, §54.2.4). That saves a round trip; and when BEGIN fails, the server skips the statement, which
 * would otherwise be committed on its own. BEGIN has to be prepared ({@link prepareBegin}): `pg` would take the answer to
 * its Parse for that of the statement.
 */
export class OpeningQuery extends pg.Query {
  constructor(statement: QueryConfig, done: (error: Error | undefined, result: QueryResult) => void) {
    // Two statements are answered, so `pg` makes a list of their results.
    super(statement, (error, results) => done(error, Array.isArray(results) ? results.at(-1) : results))
    const submit = this.submit
    this.submit = (connection) => {
      connection.bind({ statement: PREPARED_BEGIN.name }, false)
      connection.execute({}, false)
      // What it returns, for a statement that cannot be sent, is no part of its published type.
      return Reflect.apply(submit, this, [connection])
    }
  }
}
