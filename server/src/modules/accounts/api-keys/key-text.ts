import { createHash, randomBytes } from 'node:crypto'

/** How keys begin, so that scanners for leaked secrets can tell them. */
export const KEY_PREFIX = 'plk_'
const KEY = /^plk_[\w-]{8}_[\w-]{43}$/

/** A new key: what its owner gets once, and what is kept. */
export interface NewKey {
  readonly key: string
  readonly prefix: string
  readonly keyHash: string
}

/** Makes a key: a public prefix to tell it by, and 256 random bits. */
export function newKey(): NewKey {
  const prefix = `${KEY_PREFIX}${randomBytes(6).toString('base64url')}`
  const key = `${prefix}_${randomBytes(32).toString('base64url')}`
  return { key, prefix, keyHash: hashKey(key) }
}

/** Whether `text` is spelled like a key. */
export function isKey(text: string): boolean {
  return KEY.test(text)
}

/** What is stored of a key. The key is random, so one round of SHA-256 is enough. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('base64url')
}
