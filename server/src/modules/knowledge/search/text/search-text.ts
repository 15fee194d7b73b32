import type { Database } from '../../../../platform/database/index.ts'
import type { WeightedWords } from './bm25.ts'
import { planRanking } from './choose-candidates.ts'
import { expandQuery } from './expand-query.ts'
import { type RankedChunk, rankChunks } from './rank-chunks.ts'
import { readFeedback } from './read-feedback.ts'
import { readQueryWords } from './read-query-words.ts'
import { wordStatistics } from './word-statistics.ts'

/** What is looked for, and where. */
export interface TextSearch {
  readonly knowledgeBaseIds: readonly string[]
  readonly query: string
  readonly limit: number
}

/** The best of the first pass, whose words are added to the query. */
const FEEDBACK_CHUNKS = 5
/** With fewer, all that have the rarest word are ranked after all. */
const ENOUGH = 10

/**
 * Chunks of current versions that have words of the query, the best first: BM25 over Postgres' full text index, twice,
 * the second time with words that the best of the first have in common. Postgres' own `ts_rank` does not know which words
 * are rare, and finds much less (docs/adr/0016).
 */
export async function searchText(
  database: Pick<Database, 'pool'>,
  search: TextSearch,
): Promise<readonly RankedChunk[]> {
  const [asked, statistics] = await Promise.all([
    readQueryWords(database, search.query),
    wordStatistics(database, search.knowledgeBaseIds),
  ])
  if (asked.size === 0 || statistics.chunks === 0) return []
  const first = await rank(asked, FEEDBACK_CHUNKS)
  if (first.length === 0) return []
  const feedback = await readFeedback(database, first)
  return await rank(expandQuery(asked, feedback, statistics), search.limit)

  async function rank(words: WeightedWords, limit: number): Promise<readonly RankedChunk[]> {
    const plan = planRanking(words, statistics)
    const { knowledgeBaseIds } = search
    const { averageLength } = statistics
    const ranking = { ...plan, knowledgeBaseIds, averageLength, limit }
    if (plan.narrow !== undefined) {
      const found = await rankChunks(database, { ...ranking, candidates: plan.narrow })
      if (found.length >= Math.min(limit, ENOUGH)) return found
    }
    return await rankChunks(database, ranking)
  }
}
