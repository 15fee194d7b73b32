/** Where an object is: parts of ours joined by `/`. Never made of a text that a user chose. */
export type StorageKey = string

const PART = /^[a-z0-9][a-z0-9-]{0,63}$/
const MOST_PARTS = 8

/**
 * Joins parts (a prefix of ours, ids) to a key.
 * @throws RangeError when a part is anything but `a-z0-9-`: a mistake of ours, and never a way out of the root
 */
export function storageKey(...parts: readonly string[]): StorageKey {
  const wrong = parts.find((part) => !PART.test(part))
  if (wrong !== undefined || parts.length === 0 || parts.length > MOST_PARTS) {
    throw new RangeError(`Not a storage key: ${JSON.stringify(parts).slice(0, 200)}`)
  }
  return parts.join('/')
}

/** Checks a key that was kept somewhere. @throws RangeError */
export function requireKey(key: StorageKey): StorageKey {
  return storageKey(...key.split('/'))
}
