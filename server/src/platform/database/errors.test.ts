import { expect, test } from 'vitest'
import { isUnavailable } from './errors.ts'

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
