import { expect, test } from 'vitest'
import { isUnavailable, mayHaveCommitted, POOL_FULL } from './errors.ts'
import { READ_TIMEOUT } from './instrument.ts'

/** As the driver adapter throws it when a connection breaks inside a transaction. */
function driverAdapterError(kind: string): Error {
  return Object.assign(new Error(kind), { name: 'DriverAdapterError', cause: { kind } })
}

test.each(['ConnectionClosed', 'DatabaseNotReachable', 'SocketTimeout'])(
  'a broken connection (%s) of the driver adapter is an unavailable database',
  (kind) => {
    expect(isUnavailable(driverAdapterError(kind))).toBe(true)
    expect(isUnavailable(new Error('The call failed', { cause: driverAdapterError(kind) }))).toBe(true)
  },
)

test('a mistake of a statement is not', () => {
  expect(isUnavailable(driverAdapterError('TableDoesNotExist'))).toBe(false)
  expect(isUnavailable(new TypeError('undefined is not a function'))).toBe(false)
})

function withCode(code: string): Error {
  return Object.assign(new Error('The call failed'), { code })
}

test.each([
  new Error(READ_TIMEOUT),
  new Error('Connection terminated unexpectedly'),
  withCode('ECONNRESET'),
  withCode('EPIPE'),
  withCode('57P01'),
  withCode('08006'),
  driverAdapterError('ConnectionClosed'),
])('what lost its answer may have been committed: %s', (error) => {
  expect(mayHaveCommitted(error)).toBe(true)
})

test.each([
  new Error(POOL_FULL),
  new Error('timeout exceeded when trying to connect'),
  new Error('Cannot use a pool after calling end on the pool'),
  withCode('ECONNREFUSED'),
  withCode('57P03'),
  withCode('57014'),
  withCode('53300'),
  withCode('55P03'),
  driverAdapterError('DatabaseNotReachable'),
  new TypeError('undefined is not a function'),
])('what was not sent, or was given up by the server, was not: %s', (error) => {
  expect(isUnavailable(error) || error instanceof TypeError).toBe(true)
  expect(mayHaveCommitted(error)).toBe(false)
})
