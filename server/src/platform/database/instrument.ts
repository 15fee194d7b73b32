import type pg from 'pg'
import { currentContext } from '../request-context.ts'
import { currentTracing, durations, metricsWanted, summarise } from '../telemetry/index.ts'

/** What `pg` throws when an answer did not come within `query_timeout`. */
export const READ_TIMEOUT = 'Query read timeout'
const PLAN_CHANGED = 'cached plan must not change result type'

/**
 * Has every statement on `client`, Prisma's as well as ours, counted in the request it is made for, BEGIN and COMMIT
 * too; and closes the connection after failures that leave it unusable.
 */
export function instrument(client: pg.PoolClient): void {
  const send = client.query
  const query = (...args: unknown[]): unknown => {
    const context = currentContext()
    if (context !== undefined) context.roundTrips += 1
    const result: unknown = Reflect.apply(send, client, args)
    if (!(result instanceof Promise)) return result
    observeStatement(args[0], result)
    return result.catch((error: unknown) => {
      if (leavesConnectionUnusable(error)) drop(client)
      throw error
    })
  }
  Object.defineProperty(client, 'query', { value: query })
  // A connection that breaks while checked out between two statements would otherwise end the process.
  client.on('error', () => undefined)
}

const operationDuration = durations({
  name: 'db.client.operation.duration',
  description: 'Time the database took for a statement',
})

/** One span and one measurement per statement; nothing where nobody listens. */
function observeStatement(statement: unknown, result: Promise<unknown>): void {
  const tracing = currentTracing()
  const wanted = metricsWanted()
  if (tracing === undefined && !wanted) return
  const text = statementText(statement)
  if (text === undefined) return
  tracing?.statement(text, result)
  if (!wanted) return
  const started = performance.now()
  const attributes = { 'db.operation.name': summarise(text).operation }
  const done = (): void => operationDuration.record((performance.now() - started) / 1_000, attributes)
  result.then(done, done)
}

function statementText(statement: unknown): string | undefined {
  if (typeof statement === 'string') return statement
  if (typeof statement !== 'object' || statement === null || !('text' in statement)) return undefined
  return typeof statement.text === 'string' ? statement.text : undefined
}

function leavesConnectionUnusable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  // The answer may still come and would be taken for that of the next statement; or the other side is gone.
  if (error.message === READ_TIMEOUT) return true
  // A prepared statement outlived a migration; a new connection prepares it anew.
  return error.message === PLAN_CHANGED
}

function drop(client: pg.PoolClient): void {
  if (!('connection' in client) || !(client.connection instanceof Object)) return
  const { connection } = client
  if ('stream' in connection && connection.stream instanceof Object && 'destroy' in connection.stream) {
    if (typeof connection.stream.destroy === 'function') connection.stream.destroy()
  }
}
