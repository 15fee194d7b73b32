/** How fast further occurrences of a word lose worth. */
export const K1 = 1.2
/** How much long chunks are held back. */
export const B = 0.75

/** A word (as Postgres stems it) and how much it counts. */
export type WeightedWords = ReadonlyMap<string, number>

/** What is known of the words of some knowledge bases. */
export interface WordStatistics {
  readonly chunks: number
  /** Of a chunk's text, in UTF-16 units. */
  readonly averageLength: number
  /** In how many chunks a word is; those that are in one or none are not in here. */
  readonly frequencies: ReadonlyMap<string, number>
}

/**
 * How much a word tells, by how few chunks have it; never negative.
 *
 * Robertson and Zaragoza: The Probabilistic Relevance Framework: BM25 and Beyond, 2009; with the 1 added that keeps it
 * positive, as Lucene does.
 */
export function inverseFrequency(word: string, { chunks, frequencies }: WordStatistics): number {
  const having = frequencies.get(word) ?? 1
  return Math.log(1 + (Math.max(0, chunks - having) + 0.5) / (having + 0.5))
}

/** What `count` occurrences in a chunk of this length are worth, 0 to K1 + 1. */
export function saturated(count: number, length: number, { averageLength }: WordStatistics): number {
  return (count * (K1 + 1)) / (count + K1 * (1 - B + (B * length) / averageLength))
}
