import { invalid } from '../../contract/errors.ts'

const MAX_LENGTH = 255
/** C0, DEL and C1 controls, and what turns the direction of text round or shows nothing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/**
 * A file's name as it may be shown: the last part of any path, one line, no control or direction characters. It is only
 * ever data; no path is made of it.
 * @throws BAD_REQUEST (`file`) when it is longer than 255 characters
 */
export function cleanName(given: string | undefined): string {
  const last = (given ?? '').toWellFormed().split(/[/\\]/).at(-1) ?? ''
  const name = last.normalize('NFC').replace(INVISIBLE, '').trim()
  if (name.length > MAX_LENGTH) throw invalid('file', `A file's name has at most ${MAX_LENGTH} characters.`)
  return name === '' || name === '.' || name === '..' ? 'file' : name
}

/** What follows the last dot, in lower case; empty when there is nothing. */
export function extensionOf(name: string): string {
  return /\.([a-z\d]{1,10})$/i.exec(name)?.[1]?.toLowerCase() ?? ''
}
