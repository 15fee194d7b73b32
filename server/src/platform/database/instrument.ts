import type pg from 'pg'
import { currentContext, type RequestContext } from '../request-context.ts'
import { currentTracing, durations, metricsWanted, summarise } from '../telemetry/index.ts'
import { readFailure } from './failure.ts'

/** What `pg` throws when an answer did not come within `query_timeout`. */
export const READ_TIMEOUT = 'Query read timeout'
/** Whether an answer did not come in time. */
export function isReadTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === READ_TIMEOUT
}

const PLAN_CHANGED = 'cached plan must not change result type'
/** `invalid_sql_statement_name` */
const NOT_PREPARED = '26000'

/**
 * Has every statement on `client`, Prisma's as well as ours, measured, and the waits for them counted in the request they
 * are made for; and closes the connection after failures that leave it unusable.
 */
export function instrument(client: pg.PoolClient): void {
  const send = client.query
  const beginsWrite = gatherWrites(client)
  let counted: RequestContext | undefined
  const query = (...args: unknown[]): unknown => {
    const context = currentContext()
    // Each request that has a part in a write waits for it once.
    if ((beginsWrite() || context !== counted) && context !== undefined) context.roundTrips += 1
    counted = context
    const result: unknown = Reflect.apply(send, client, args)
    return result instanceof Promise ? observed(client, args[0], result) : result
  }
  Object.defineProperty(client, 'query', { value: query })
  // A connection that breaks while checked out between two statements would otherwise end the process.
  client.on('error', () => undefined)
}

/**
 * Has what is sent on `client` before the event loop goes on leave in one write: statements that are sent together
 * are one round trip. To be asked before each statement; true when it is the first of a write.
 */
function gatherWrites({ connection: { stream } }: pg.PoolClient): () => boolean {
  let gathering = false
  const leave = (): void => {
    gathering = false
    stream.uncork()
  }
  return () => {
    if (gathering) return false
    gathering = true
    stream.cork()
    process.nextTick(leave)
    return true
  }
}

/** Measures the statement that `answer` is to, and closes the connection when its failure leaves that unusable. */
export function observed<T>(client: pg.PoolClient, statement: unknown, answer: Promise<T>): Promise<T> {
  observeStatement(statement, answer)
  return answer.catch((error: unknown) => {
    if (leavesConnectionUnusable(error)) drop(client)
    throw error
  })
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
  // A prepared statement outlived a migration, or was lost; a new connection prepares it anew.
  return error.message === PLAN_CHANGED || readFailure(error).sqlState === NOT_PREPARED
}

function drop({ connection }: pg.PoolClient): void {
  connection.stream.destroy()
}
