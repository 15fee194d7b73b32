import { stemmer } from 'stemmer'
import { STOP_WORDS } from './stop-words.ts'

const WORD = /[\p{L}\p{N}\p{M}]+(?:['’][\p{L}\p{M}]+)*/gu
/** Those of Latin, Greek and Cyrillic letters; what other scripts combine are not accents but vowels. */
const ACCENTS = /[\u0300-\u036f]+/g
const LATIN = /^[a-z]+$/

/** Words longer than this are not words: keys, hashes, base64. They count as their beginning. */
const LONGEST_WORD = 64

/** Scripts without spaces between words: every two characters that stand together count as a word. */
const UNSPACED =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}ー]+/gu

/** The words of a text in their order: lower case, one spelling of each letter, without accents. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replace(ACCENTS, '').normalize('NFC').toLowerCase()
  const parted = plain.replace(UNSPACED, inPairs)
  return Array.from(parted.matchAll(WORD), ([word]) => word.slice(0, LONGEST_WORD).replaceAll('’', "'"))
}

function inPairs(run: string): string {
  const signs = [...run]
  const pairs = signs.slice(1).map((sign, index) => `${signs[index] ?? ''}${sign}`)
  return ` ${pairs.length === 0 ? run : pairs.join(' ')} `
}

/** Whether a word (as {@link wordsOf} gives it) says what a text is about. */
export function isTelling(word: string): boolean {
  return !STOP_WORDS.has(word) && (word.length > 1 || !LATIN.test(word))
}

/** What a word has in common with its other forms: Porter's stem (1980) where it is spelt with a–z, else the word. */
export function stemOf(word: string): string {
  const bare = word.replace(/'s?$/, '')
  return LATIN.test(bare) ? stemmer(bare) : bare
}

/** The telling words of a text in their order, each as its stem. */
export function termsOf(text: string): string[] {
  return wordsOf(text).filter(isTelling).map(stemOf)
}
