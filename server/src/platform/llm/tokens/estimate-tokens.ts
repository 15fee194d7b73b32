/**
 * Tokens per character by kind, in hundredths. Vendors' tokenizers differ by a third between them and none but OpenAI
 * publishes its own, so these are on the high side: estimate-tokens.test.ts holds them against OpenAI's.
 */
const SMALL_LETTER = 28
const CAPITAL = 55
const DIGIT = 61
const BLANK = 10
const LINE_END = 50
const SIGN = 75
const OTHER_ALPHABET = 62
const BEYOND = 135

/** Where small letters, capitals and digits follow each other, as in keys and hashes, hardly any piece is a known one. */
const CHANGE = 60

/** About how many tokens a text has, rather too many than too few. Takes a few milliseconds per million characters. */
export function estimateTokens(text: string): number {
  let hundredths = 0
  let before = BLANK
  for (let at = 0; at < text.length; at += 1) {
    const weight = weightOf(text.charCodeAt(at))
    hundredths += weight
    if (weight !== before && isChange(before, weight)) hundredths += CHANGE
    before = weight
  }
  return Math.ceil(hundredths / 100)
}

/** A capital before small letters is how words begin. */
function isChange(before: number, weight: number): boolean {
  if (weight === SMALL_LETTER) return before === DIGIT
  if (weight === CAPITAL) return before === SMALL_LETTER || before === DIGIT
  return weight === DIGIT && (before === SMALL_LETTER || before === CAPITAL)
}

function weightOf(code: number): number {
  if (code >= 97 && code <= 122) return SMALL_LETTER
  if (code === 32) return BLANK
  if (code >= 65 && code <= 90) return CAPITAL
  if (code >= 48 && code <= 57) return DIGIT
  if (code < 32) return LINE_END
  if (code < 128) return SIGN
  // Latin with accents, Greek, Cyrillic, Armenian, Hebrew, Arabic.
  return code < 0x700 ? OTHER_ALPHABET : BEYOND
}
