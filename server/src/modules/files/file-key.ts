import { type StorageKey, storageKey } from '../../platform/storage/index.ts'

/** Everything this module stores is under it. */
export const FILES_PREFIX = 'files'

/** Where a file's bytes are: under the last, random digits of its id, so that no folder grows too large. */
export function fileKey(id: string): StorageKey {
  return storageKey(FILES_PREFIX, id.slice(-2), id)
}

/** The id in a key made by {@link fileKey}. */
export function idOfKey(key: StorageKey): string {
  return key.split('/').at(-1) ?? ''
}
