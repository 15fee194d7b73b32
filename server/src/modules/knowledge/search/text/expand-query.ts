import { inverseFrequency, saturated, type WeightedWords, type WordStatistics } from './bm25.ts'

/** A chunk that the first pass found, with its words. */
export interface FeedbackChunk {
  readonly score: number
  readonly length: number
  readonly words: readonly { readonly word: string; readonly count: number }[]
}

/** Words that are added, and what they weigh together, against 1 for the query's own. Chosen in docs/adr/0016. */
const ADDED = 10
const ADDED_WEIGHT = 0.4
const NUMBER = /^\d+$/

/**
 * Adds to a query the words that its best chunks have in common (pseudo relevance feedback), so that what says the same
 * in other words is found too. Words of a single chunk and numbers are not taken.
 *
 * After RM3: Abdul-Jaleel and others, UMass at TREC 2004, with BM25's weights for the chunks' words.
 */
export function expandQuery(
  asked: WeightedWords,
  best: readonly FeedbackChunk[],
  statistics: WordStatistics,
): WeightedWords {
  const expanded = new Map<string, number>()
  const total = sum(asked.values())
  for (const [word, weight] of asked) expanded.set(word, weight / total)
  const added = commonWords(best, statistics)
  const addedTotal = sum(added.map(([, weight]) => weight))
  for (const [word, weight] of added) {
    expanded.set(word, (expanded.get(word) ?? 0) + (ADDED_WEIGHT * weight) / addedTotal)
  }
  return expanded
}

function commonWords(best: readonly FeedbackChunk[], statistics: WordStatistics): [string, number][] {
  const weights = new Map<string, number>()
  for (const { score, length, words } of best) {
    for (const { word, count } of words) {
      if (!statistics.frequencies.has(word) || NUMBER.test(word)) continue
      const worth = score * saturated(count, length, statistics) * inverseFrequency(word, statistics)
      weights.set(word, (weights.get(word) ?? 0) + worth)
    }
  }
  return [...weights].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, ADDED)
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
