import { type StorageKey, storageKey } from '../../platform/storage/index.ts'

/** Everything this module stores is under it. */
export const FILES_PREFIX = 'files'

/** Where a file's bytes are: under the last, random digits of its id, so that no folder grows too large. */
export function fileKey(id: string): StorageKey {
  return storageKey(FILES_PREFIX, id.slice(-2), id)
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/

/** The id in a key made by {@link fileKey}; undefined in one that somebody else made. */
export function idOfKey(key: StorageKey): string | undefined {
  const id = key.split('/').at(-1) ?? ''
  return UUID.test(id) && fileKey(id) === key ? id : undefined
}
