import { readFailure } from './failure.ts'
import { READ_TIMEOUT } from './instrument.ts'
import { TRANSACTION_OVER } from './transaction-connection.ts'

const UNAVAILABLE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'P1001', // cannot reach the server
  'P1002', // the server timed out
  'P1008', // operation timed out
  'P1017', // the server closed the connection
  'P2024', // no connection from the pool in time
  'P2028', // a transaction that did not begin or end in time
  // What Prisma's driver adapter makes of ENOTFOUND and ECONNREFUSED, of ECONNRESET, and of ETIMEDOUT.
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
])
/** Connection failures; out of resources; operator intervention (a restart, a cancelled statement); system errors. */
const UNAVAILABLE_STATES = /^(08...|53...|57P0.|57014|58...|25P03|55P03)$/
/** Of these, what the server says of a statement that it has given up, or of one that it never took. */
const UNDONE_STATES = /^(53...|57014|57P03|25P03|55P03)$/
/** Where there was no connection, nothing was sent. */
const UNSENT_CODES = [
  'ECONNREFUSED',
  'ENOENT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'P1001',
  'P2024',
  'DatabaseNotReachable',
]
/** What the pool says when too many wait for a connection. */
export const POOL_FULL = 'Too many wait for a database connection'
/** `pg` has no codes for these. */
const UNSENT_MESSAGES = [
  POOL_FULL,
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Cannot use a pool after calling end on the pool',
]
const UNAVAILABLE_MESSAGES = [...UNSENT_MESSAGES, READ_TIMEOUT, TRANSACTION_OVER, 'Connection terminated']

/** True when a row with the same unique value is there already; `constraint` narrows it to one, by its name. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const failure = readFailure(error)
  if (failure.sqlState !== '23505' && !failure.codes.has('P2002')) return false
  return constraint === undefined || failure.constraint === constraint
}

/** True when a row that is referred to does not exist, or one that is still referred to was to go. */
export function isForeignKeyViolation(error: unknown): boolean {
  const failure = readFailure(error)
  return failure.sqlState === '23503' || failure.codes.has('P2003')
}

/** True when two transactions got into each other's way (serialization failure, deadlock): doing it again may work. */
export function isRetryableConflict(error: unknown): boolean {
  const { sqlState, codes } = readFailure(error)
  return sqlState === '40001' || sqlState === '40P01' || codes.has('P2034')
}

/** True when the database could not be reached or did not answer in time; nothing is wrong with the call itself. */
export function isUnavailable(error: unknown): boolean {
  const { sqlState, codes, messages } = readFailure(error)
  if (sqlState !== undefined && UNAVAILABLE_STATES.test(sqlState)) return true
  if ([...codes].some((code) => UNAVAILABLE_CODES.has(code))) return true
  return messages.some((message) => UNAVAILABLE_MESSAGES.some((known) => message.startsWith(known)))
}

/**
 * Whether what failed with `error` may have been committed nevertheless: there was no answer, or none to rely on. Not when
 * it was never sent: under an overload everybody would be told of what never happened.
 */
export function mayHaveCommitted(error: unknown): boolean {
  if (!isUnavailable(error)) return false
  const { sqlState = '', codes, messages } = readFailure(error)
  const isUnsent =
    UNSENT_CODES.some((code) => codes.has(code)) ||
    messages.some((message) => UNSENT_MESSAGES.some((known) => message.startsWith(known)))
  return !isUnsent && !UNDONE_STATES.test(sqlState)
}
