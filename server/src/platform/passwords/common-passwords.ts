import { dictionary } from '@zxcvbn-ts/language-common'

let known: ReadonlySet<string> | undefined

/** Whether `text` (lower case) is one of the 49,000 most used passwords. */
export function isCommonPassword(text: string): boolean {
  known ??= new Set(dictionary['passwords-common'])
  return known.has(text)
}
