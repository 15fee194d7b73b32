import { stemmer } from 'stemmer'
import type { CollectionDocument } from './collection.ts'

const K1 = 1.2
const B = 0.75
/** Words of English that say nothing of what a text is about, question words among them. */
const STOP_WORDS = new Set(
  `a about above after again against all am an and any are as at be because been before being below between both but by can
  could did do does doing down during each few for from further had has have having he her here hers him his how i if in
  into is it its just may me more most my no nor not now of off on once only or other our ours out over own same shall she
  should so some such than that the their theirs them then there these they this those through to too under until up upon
  very was we were what when where which while who whom whose why will with would you your yours`.split(
    /\s+/,
  ),
)

/** Ranks documents for a query, the best first, at most a hundred. */
export type Ranker = (query: string) => string[]

interface Posting {
  readonly document: number
  readonly count: number
}

/**
 * BM25 as the textbook has it (Robertson and Zaragoza 2009), k1 1.2 and b 0.75, over titles and texts, with Porter's
 * stems and without stop words: what other ways of searching are held against.
 */
export function plainBm25(documents: readonly CollectionDocument[]): Ranker {
  const postings = new Map<string, Posting[]>()
  const lengths = documents.map(({ title, text }, document) => {
    const terms = termsOf(`${title} ${text}`)
    for (const [term, count] of counted(terms)) {
      const there = postings.get(term)
      if (there === undefined) postings.set(term, [{ document, count }])
      else there.push({ document, count })
    }
    return terms.length
  })
  const average = lengths.reduce((sum, length) => sum + length, 0) / documents.length
  return (query) => {
    const scores = new Map<number, number>()
    for (const [term, times] of counted(termsOf(query))) {
      const having = postings.get(term) ?? []
      const idf = Math.log(1 + (documents.length - having.length + 0.5) / (having.length + 0.5))
      for (const { document, count } of having) {
        const held = K1 * (1 - B + (B * (lengths[document] ?? 0)) / average)
        scores.set(document, (scores.get(document) ?? 0) + (times * idf * count * (K1 + 1)) / (count + held))
      }
    }
    const best = [...scores].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, 100)
    return best.flatMap(([document]) => documents[document]?.id ?? [])
  }
}

function termsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return words.filter((word) => !STOP_WORDS.has(word)).map((word) => stemmer(word))
}

function counted(terms: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1)
  return counts
}
