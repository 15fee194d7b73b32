import path from 'node:path'
import type { Logger } from '../logger.ts'
import { createIncoming, type Incoming } from './incoming.ts'
import { lazyDriver } from './lazy-driver.ts'
import { createLocalDriver } from './local-driver.ts'
import type { S3Options } from './s3-driver.ts'
import type { StagedBytes, Storage, StorageDriver } from './storage.ts'
import { requireKey } from './storage-key.ts'
import { tracedDriver } from './traced-driver.ts'

/** Where files go. */
export interface StorageOptions {
  /** Holds the files, or with S3 only what is just coming in. Must be shared by all processes if there is no S3. */
  readonly directory: string
  readonly s3: S3Options | undefined
}

/** Keys cannot begin with a dot. */
const INCOMING_FOLDER = '.incoming'

/** The storage of the server: a folder, or a bucket when one is configured. Does no I/O yet. */
export function createStorage({ directory, s3 }: StorageOptions, logger: Logger): Storage {
  const driver =
    s3 === undefined
      ? createLocalDriver(directory)
      : tracedDriver(lazyDriver('s3', async () => (await import('./s3-driver.ts')).createS3Driver(s3)))
  const incoming = createIncoming(path.join(directory, INCOMING_FOLDER), driver.kind === 'local', logger)
  return storageOf(driver, incoming)
}

function storageOf(driver: StorageDriver, incoming: Incoming): Storage {
  const receive: Storage['receive'] = async (body, options): Promise<StagedBytes> => {
    const file = await incoming.receive(body, options)
    return {
      bytes: file.bytes,
      sha256: file.sha256,
      async keep(key) {
        await driver.put(requireKey(key), file.path, file)
        await file.discard()
      },
      discard: () => file.discard(),
    }
  }
  return {
    kind: driver.kind,
    read: async (key, range) => driver.read(requireKey(key), range),
    stat: async (key) => driver.stat(requireKey(key)),
    delete: async (key) => driver.delete(requireKey(key)),
    list: (prefix) => driver.list(requireKey(prefix)),
    deletePrefix: async (prefix) => driver.deletePrefix(requireKey(prefix)),
    check: () => driver.check(),
    receive,
    async save(key, body, options) {
      const staged = await receive(body, options)
      try {
        await staged.keep(key)
      } catch (error) {
        await staged.discard()
        throw error
      }
      return { bytes: staged.bytes, sha256: staged.sha256 }
    },
    start: () => incoming.start(),
    async close() {
      incoming.close()
      await driver.close()
    },
  }
}
