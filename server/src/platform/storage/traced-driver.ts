import { withSpan } from '../telemetry/index.ts'
import type { StorageDriver } from './storage.ts'

/** Has every question to a storage server be a span of its own. Keys are no part of it: they name people's files. */
export function tracedDriver(driver: StorageDriver): StorageDriver {
  const span = <T>(operation: string, work: () => Promise<T>): Promise<T> =>
    withSpan(
      `${driver.kind} ${operation}`,
      { kind: 'client', attributes: { 'rpc.method': operation, 'rpc.system.name': driver.kind } },
      work,
    )
  return {
    ...driver,
    put: (...args) => span('put', () => driver.put(...args)),
    read: (...args) => span('read', () => driver.read(...args)),
    stat: (...args) => span('stat', () => driver.stat(...args)),
    delete: (...args) => span('delete', () => driver.delete(...args)),
    deletePrefix: (...args) => span('deletePrefix', () => driver.deletePrefix(...args)),
  }
}
