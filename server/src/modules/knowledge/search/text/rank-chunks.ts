import { type Database, query } from '../../../../platform/database/index.ts'
import { sqlValues } from '../../../../platform/pagination/sql-values.ts'
import { B, K1 } from './bm25.ts'
import { quoted, type RankingPlan } from './choose-candidates.ts'

/** A chunk and how well it fits. */
export interface RankedChunk {
  readonly chunkId: string
  readonly score: number
}

/** What to rank, where and how. */
export interface Ranking extends Pick<RankingPlan, 'words' | 'weights' | 'candidates'> {
  readonly knowledgeBaseIds: readonly string[]
  readonly averageLength: number
  readonly limit: number
}

/** π²/6: what `ts_rank` comes to for a word that is there without end, before it divides by it. */
const ALL = 1.64493406685

/**
 * Ranks the candidates by BM25. How often a word is in a chunk comes from `ts_rank` of that word alone, which is
 * 1 + 1/4 + 1/9 + … (as many terms as there are occurrences) over π²/6, and the rest of that sum is about
 * 1/(occurrences + 1/2): it costs a quarter of unnesting the chunk's words, and is right within a twentieth.
 */
export async function rankChunks(database: Pick<Database, 'pool'>, ranking: Ranking): Promise<RankedChunk[]> {
  const { words, weights, candidates, knowledgeBaseIds, averageLength, limit } = ranking
  const values = sqlValues()
  const inBases = knowledgeBaseIds.map((id) => quoted(`kb:${id}`)).join(' | ')
  const length = `(${1 - B} + ${B} * (c.span_end - c.span_start) / ${values.bind(averageLength, 'float8')})`
  return await query<RankedChunk>(
    database,
    values.statement(`SELECT c.id AS "chunkId", (
        SELECT sum(weight * ${K1 + 1} * count / (count + ${K1} * ${length}))
        FROM (
          SELECT weight, 1 / greatest(${ALL} * (1 - rank), 0.01) - 0.5 AS count
          FROM (
            SELECT weight, ts_rank('{1,1,1,1}', c.search, word) AS rank
            FROM unnest(${values.bind(words, 'tsquery[]')}, ${values.bind(weights, 'float8[]')}) AS asked (word, weight)
            OFFSET 0
          ) AS ranked WHERE rank > 0
        ) AS counted
      ) AS score
      FROM chunks c JOIN documents d ON d.current_version_id = c.version_id
      WHERE c.knowledge_base_id = ANY (${values.bind(knowledgeBaseIds, 'uuid[]')})
        AND c.search @@ ${values.bind(`(${candidates}) & (${inBases})`, 'tsquery')}
      ORDER BY score DESC, c.id LIMIT ${values.bind(limit, 'int')}`),
  )
}
