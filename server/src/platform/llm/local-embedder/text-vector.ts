import { ASKING_WORDS } from '../words/asking-words.ts'
import { isTelling, stemOf, wordsOf } from '../words/terms.ts'
import { addFeature } from './add-feature.ts'

/** How many numbers a vector has; the last is no feature's. */
export const DIMENSION = 1024
/**
 * What a document's vector has beside its words, squared: about a third of what those of a passage come to. Without it
 * a title of three words is nearer to a question with two of them than any passage about it. Questions have none of it,
 * so cosine similarity is pivoted by length (Singhal, Buckley and Mitra 1996).
 */
const BALLAST = 200

/** Letters that stand together within a stem, by threes to fives: what words of one family share. */
const GRAMS = [3, 4, 5] as const
/** Long words tell more (Zipf): a word of three letters counts 0.76, one of ten or more 1.6. */
const SHORT_WORD = 0.4
const PER_LETTER = 0.12
const LONGEST = 1.6

/**
 * A unit vector of a text: its stems and the groups of letters in them, each hashed to places of its own, so that texts
 * are near that share words, or words of the same family in any language. It knows no meanings. The feature hashing is
 * that of Weinberger and others (ICML 2009), the groups of letters are those of fastText (Bojanowski and others, 2017).
 */
export function vectorOf(text: string, as: 'document' | 'query'): Float32Array {
  const vector = new Float32Array(DIMENSION)
  for (const [stem, count] of stemsIn(text, as)) {
    const weight = (1 + Math.log(count)) * Math.min(LONGEST, SHORT_WORD + PER_LETTER * stem.length)
    addFeature(vector, stem, weight)
    const grams = gramsOf(stem)
    const share = weight / Math.sqrt(grams.length)
    for (const gram of grams) addFeature(vector, `#${gram}`, share)
  }
  // One place in a thousand is lost to features for it.
  vector[DIMENSION - 1] = as === 'document' ? Math.sqrt(BALLAST) : 0
  return normalised(vector)
}

function stemsIn(text: string, as: 'document' | 'query'): Map<string, number> {
  const words = wordsOf(text)
  const telling = words.filter(isTelling)
  const wanted = as === 'query' ? telling.filter((word) => !ASKING_WORDS.has(word)) : telling
  const counts = new Map<string, number>()
  // "To be or not to be" is made of words that usually tell nothing.
  for (const word of [wanted, telling, words].find((some) => some.length > 0) ?? []) {
    const stem = stemOf(word)
    counts.set(stem, (counts.get(stem) ?? 0) + 1)
  }
  // A text without a word, such as "!?", still needs a direction.
  if (counts.size === 0) counts.set(text.trim().slice(0, 16), 1)
  return counts
}

function gramsOf(stem: string): string[] {
  const word = `<${stem}`
  return GRAMS.flatMap((size) =>
    Array.from({ length: Math.max(0, word.length - size + 1) }, (_, start) =>
      word.slice(start, start + size),
    ),
  )
}

function normalised(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector)
  if (length === 0) vector[0] = 1
  return length === 0 ? vector : vector.map((value) => value / length)
}
