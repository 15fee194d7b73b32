import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
let known: ReadonlySet<string> | undefined

/** Whether `text` (lower case) is one of the 49,000 most used passwords. */
export function isCommonPassword(text: string): boolean {
  known ??= new Set(readDictionary()['passwords-common'])
  return known.has(text)
}

/**
 * The list takes 3 MB of heap and 30 ms to load, which a process in which nobody sets a password should not pay. By `require`,
 * because whoever asks does not wait.
 */
function readDictionary() {
  const list: typeof import('@zxcvbn-ts/language-common') = require('@zxcvbn-ts/language-common')
  return list.dictionary
}
