/** Tokens per UTF-16 unit: Latin words have four letters a token, other alphabets two, characters that are words one. */
const LATIN = 0.25
const ALPHABETS = 0.5
const IDEOGRAPHS = 1
const LATIN_END = 0x250
const ALPHABETS_END = 0x2e80

/**
 * About how many tokens a model would make of `text` between `start` and `end`: no tokenizer is asked, because chunks
 * must be the same whatever model embeds them.
 */
export function countTokens(text: string, start: number, end: number): number {
  let tokens = 0
  for (let index = start; index < end; index += 1) {
    const unit = text.charCodeAt(index)
    tokens += unit < LATIN_END ? LATIN : unit < ALPHABETS_END ? ALPHABETS : IDEOGRAPHS
  }
  return tokens
}
