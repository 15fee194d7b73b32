import { constants } from 'node:fs'
import { access, lstat, mkdir, open, opendir, realpath, rename, rm, unlink } from 'node:fs/promises'
import path from 'node:path'
import type { StorageDriver, StoredObject } from './storage.ts'
import { codeOf, fromFileSystem, StorageError } from './storage-error.ts'
import type { StorageKey } from './storage-key.ts'

const READ_CHUNK_BYTES = 262_144

/**
 * Files under one folder. flydrive's driver was looked at and left: it writes in place, so that a crash leaves half a file
 * under its final name, and it reads no ranges.
 */
export function createLocalDriver(root: string): StorageDriver {
  /** @throws StorageError when something in the folder leads out of it */
  const placeOf = async (key: StorageKey): Promise<string> => {
    const wanted = path.join(await realpath(root), ...key.split('/'))
    const folder = path.dirname(wanted)
    if ((await realpath(folder)) !== folder) {
      throw new StorageError('unavailable', `${key}: a symbolic link is in the way`)
    }
    return wanted
  }

  return {
    kind: 'local',
    put: (key, file) =>
      guarded(key, async () => {
        await mkdir(path.dirname(path.join(root, key)), { recursive: true, mode: 0o700 })
        const place = await placeOf(key)
        await rename(file, place)
        await syncFolder(path.dirname(place))
      }),
    read: (key, range) =>
      guarded(key, async () => {
        const handle = await open(await placeOf(key), constants.O_RDONLY | constants.O_NOFOLLOW)
        return handle.createReadStream({
          highWaterMark: READ_CHUNK_BYTES,
          ...(range === undefined ? {} : { start: range.first, end: range.last }),
        })
      }),
    stat: (key) =>
      orNull(async () => {
        const found = await lstat(await placeOf(key))
        return found.isFile() ? { key, bytes: found.size, modifiedAt: found.mtime } : null
      }),
    delete: async (key) => {
      await orNull(async () => unlink(await placeOf(key)))
    },
    list: (prefix) => walk(root, prefix),
    deletePrefix: async (prefix) => {
      await orNull(async () => rm(await placeOf(prefix), { recursive: true, force: true }))
    },
    check: () =>
      guarded('The storage folder', async () => {
        await mkdir(root, { recursive: true, mode: 0o700 })
        await access(root, constants.R_OK | constants.W_OK)
      }),
    async close() {},
  }
}

async function* walk(root: string, prefix: StorageKey): AsyncIterable<StoredObject> {
  const folder = await orNull(() => opendir(path.join(root, prefix)))
  if (folder === null) return
  for await (const entry of folder) {
    const key = `${prefix}/${entry.name}`
    if (entry.isDirectory()) yield* walk(root, key)
    // It may have been deleted meanwhile.
    const found = entry.isFile() ? await orNull(() => lstat(path.join(root, key))) : null
    if (found !== null) yield { key, bytes: found.size, modifiedAt: found.mtime }
  }
}

/** A rename is only there after a crash if its folder was written as well. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw fromFileSystem(error, what)
  }
}

async function orNull<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null
    throw fromFileSystem(error, 'The storage folder')
  }
}
