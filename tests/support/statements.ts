import pg from 'pg'
import { OpeningQuery } from '../../server/src/platform/database/opening-query.ts'
import { currentContext } from '../../server/src/platform/request-context.ts'

/** One statement as it was sent to the database. */
interface Statement {
  readonly client: unknown
  readonly text: string
  /** It begins its transaction. */
  readonly opens: boolean
  /** The same for what is sent before the event loop goes on. */
  readonly moment: object
}

/** How a request used the database. */
export interface DatabaseUse {
  /** Statements outside of BEGIN and COMMIT, each a round trip of its own. */
  readonly alone: number
  /** What BEGIN opens, and changes of one statement (`unit.commitStatement`), which are counted as alone, too. */
  readonly transactions: number
  /** Statements between BEGIN and COMMIT, without these two. */
  readonly inTransactions: number
  /** How often it waited: statements that are sent together on one connection are one round trip. */
  readonly waits: number
}

/** Watches what requests send to the database; `using` stops it. */
export interface StatementWatch extends Disposable {
  /** What the request with this trace id has sent so far. */
  useOf(traceId: string): DatabaseUse
}

/** Watches the statements of connections that are opened from now on in this process. */
export function watchStatements(): StatementWatch {
  const requests = new Map<string, Statement[]>()
  const { query } = pg.Client.prototype
  const moment = moments()
  const watched = function (this: unknown, ...args: unknown[]): unknown {
    const { traceId, surface } = currentContext() ?? {}
    // A job runs under the trace of the call that queued it.
    // Nobody waits for what a new connection does first.
    const preparing = !isInstrumented(this)
    if (traceId !== undefined && surface !== 'job' && !preparing) {
      const statements = requests.get(traceId) ?? []
      const opens = args[0] instanceof OpeningQuery
      statements.push({ client: this, text: textOf(args[0]), opens, moment: moment() })
      requests.set(traceId, statements)
    }
    return Reflect.apply(query, this, args)
  }
  Reflect.set(pg.Client.prototype, 'query', watched)
  return {
    useOf: (traceId) => summary(requests.get(traceId) ?? []),
    [Symbol.dispose]: () => void Reflect.set(pg.Client.prototype, 'query', query),
  }
}

function textOf(query: unknown): string {
  if (typeof query === 'string') return query
  if (typeof query === 'object' && query !== null && 'text' in query) return String(query.text)
  throw new Error('A statement without text was sent')
}

/** Until then a connection of the pool is only being prepared. */
function isInstrumented(client: unknown): boolean {
  return client instanceof Object && Object.hasOwn(client, 'query')
}

function moments(): () => object {
  let current: object | undefined
  return () => {
    if (current !== undefined) return current
    process.nextTick(() => {
      current = undefined
    })
    current = {}
    return current
  }
}

const ONE_STATEMENT = /^WITH written AS \(/

function summary(statements: readonly Statement[]): DatabaseUse {
  const open = new Set<unknown>()
  let [alone, transactions, inTransactions, waits] = [0, 0, 0, 0]
  let last: Statement | undefined
  for (const statement of statements) {
    const { client, text, opens, moment } = statement
    if (last === undefined || last.client !== client || last.moment !== moment) waits += 1
    last = statement
    if (opens) {
      open.add(client)
      transactions += 1
    }
    if (/^(COMMIT|ROLLBACK)\b/i.test(text)) open.delete(client)
    else if (open.has(client)) inTransactions += 1
    else {
      alone += 1
      if (ONE_STATEMENT.test(text)) transactions += 1
    }
  }
  return { alone, transactions, inTransactions, waits }
}
