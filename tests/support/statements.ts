import pg from 'pg'
import { currentContext } from '../../server/src/platform/request-context.ts'

/** One statement as it was sent to the database. */
interface Statement {
  readonly client: unknown
  readonly text: string
}

/** How a request used the database. */
export interface DatabaseUse {
  /** Statements outside of any transaction, each a round trip of its own. */
  readonly alone: number
  readonly transactions: number
  /** Statements between BEGIN and COMMIT, without these two. */
  readonly inTransactions: number
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
  const watched = function (this: unknown, ...args: unknown[]): unknown {
    const { traceId, surface } = currentContext() ?? {}
    // A job runs under the trace of the call that queued it.
    if (traceId !== undefined && surface !== 'job') {
      const statements = requests.get(traceId) ?? []
      statements.push({ client: this, text: textOf(args[0]) })
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

function summary(statements: readonly Statement[]): DatabaseUse {
  const open = new Set<unknown>()
  let [alone, transactions, inTransactions] = [0, 0, 0]
  for (const { client, text } of statements) {
    if (/^BEGIN/i.test(text)) {
      open.add(client)
      transactions += 1
    } else if (/^(COMMIT|ROLLBACK)\b/i.test(text)) open.delete(client)
    else if (open.has(client)) inTransactions += 1
    else alone += 1
  }
  return { alone, transactions, inTransactions }
}
