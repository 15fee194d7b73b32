import pg, { type QueryConfig, type QueryResult } from 'pg'
import { observed } from './instrument.ts'
import { OpeningQuery, PREPARED_BEGIN } from './opening-query.ts'
import type { NamedQuery } from './query.ts'

const NOTHING: QueryResult = { command: '', rowCount: 0, oid: 0, fields: [], rows: [] }
/** What is said to whoever uses a transaction after its end: Prisma's own word for it is P2028. */
export const TRANSACTION_OVER = 'The transaction is over'

const ROLLED_BACK = 'The transaction was aborted, and COMMIT rolled it back'

/**
 * One connection for the length of one transaction, used by Prisma's adapter in place of a connection of the pool and
 * by statements that go past Prisma. It waits as seldom as it can: BEGIN leaves with the first statement, and what is
 * to be written last ({@link atCommit}) with COMMIT. `tasks.create` went from 5 waits to 2, and from 2.5–2.9 to 1.4–1.7 ms
 * of processor time, on a busy machine.
 */
export class TransactionConnection {
  readonly #client: pg.PoolClient
  readonly #last: NamedQuery[] = []
  /** Whether BEGIN was sent. */
  #begun = false
  #over = false
  /** Whether the connection can serve others: no transaction is open on it. */
  #clean = true
  /** The first failure: what aborted the transaction. */
  #failure: unknown

  /** For a connection that was just taken from the pool. */
  constructor(client: pg.PoolClient) {
    this.#client = client
  }

  /**
   * Runs a statement, as `pg` does. BEGIN, COMMIT and ROLLBACK are Prisma's: the only statements by which its adapter
   * opens and ends a transaction.
   */
  query(statement: QueryConfig): Promise<QueryResult> {
    if (statement.text === 'BEGIN') return Promise.resolve(NOTHING)
    if (statement.text === 'COMMIT') return this.#commit()
    if (statement.text === 'ROLLBACK') return this.#rollBack()
    return this.#send(statement)
  }

  /** Keeps a statement for the end. It leaves with COMMIT, and when it fails the transaction fails with its error. */
  atCommit(statement: NamedQuery): void {
    this.#last.push(statement)
  }

  on(event: 'error', listener: (error: Error) => void): void {
    this.#client.on(event, listener)
  }

  removeListener(event: 'error', listener: (error: Error) => void): void {
    this.#client.removeListener(event, listener)
  }

  /** Gives the connection back; one that broke, or on which a transaction may still be open, is closed. */
  release(error?: Error): void {
    this.#over = true
    // Prisma remembers its last hundred transactions, and they this; the rows of a thousand tasks are a megabyte.
    this.#last.length = 0
    this.#client.release(error ?? (!this.#clean || this.#client.connection.stream.destroyed))
  }

  #send(statement: QueryConfig): Promise<QueryResult> {
    if (this.#over) return Promise.reject(new Error(TRANSACTION_OVER))
    const answer = this.#begun ? this.#client.query(statement) : this.#open(statement)
    answer.catch((error: unknown) => {
      this.#failure ??= error
    })
    return answer
  }

  #open(statement: QueryConfig): Promise<QueryResult> {
    this.#begun = true
    this.#clean = false
    const answer = new Promise<QueryResult>((resolve, reject) => {
      this.#client.query(
        new OpeningQuery(statement, (error, result) => {
          if (error) reject(error)
          else resolve(result)
        }),
      )
    })
    observed(this.#client, PREPARED_BEGIN, answer).catch(() => undefined)
    return observed(this.#client, statement, answer)
  }

  async #commit(): Promise<QueryResult> {
    const written = this.#last.splice(0).map((statement) => this.#send(statement))
    if (!this.#begun) return this.#ended(NOTHING)
    const [committed, ...outcomes] = await Promise.allSettled([this.#end('COMMIT'), ...written])
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    if (committed.status === 'rejected') throw committed.reason
    // In an aborted transaction COMMIT is a ROLLBACK, and answers as if nothing were wrong.
    if (committed.value.command !== 'COMMIT') throw this.#failure ?? new Error(ROLLED_BACK)
    return committed.value
  }

  async #rollBack(): Promise<QueryResult> {
    return this.#begun ? await this.#end('ROLLBACK') : this.#ended(NOTHING)
  }

  async #end(word: 'COMMIT' | 'ROLLBACK'): Promise<QueryResult> {
    this.#over = true
    try {
      const result = await this.#client.query(word)
      this.#clean = true
      return result
    } catch (error) {
      // The server said no, which ends the transaction too; without an answer nobody knows.
      this.#clean = error instanceof pg.DatabaseError
      throw error
    }
  }

  #ended(result: QueryResult): QueryResult {
    this.#over = true
    return result
  }
}
