import type { StorageDriver } from './storage.ts'

/**
 * A driver that is loaded when it is first used: the AWS SDK takes a tenth of a second and 37 MB, which a server that
 * keeps its files on disk should not pay.
 */
export function lazyDriver(kind: StorageDriver['kind'], load: () => Promise<StorageDriver>): StorageDriver {
  let loaded: Promise<StorageDriver> | undefined
  const driver = (): Promise<StorageDriver> => {
    loaded ??= load()
    return loaded
  }
  return {
    kind,
    put: async (...args) => (await driver()).put(...args),
    read: async (...args) => (await driver()).read(...args),
    stat: async (...args) => (await driver()).stat(...args),
    delete: async (...args) => (await driver()).delete(...args),
    async *list(prefix) {
      yield* (await driver()).list(prefix)
    },
    deletePrefix: async (...args) => (await driver()).deletePrefix(...args),
    check: async () => (await driver()).check(),
    async close() {
      await (await loaded)?.close()
    },
  }
}
