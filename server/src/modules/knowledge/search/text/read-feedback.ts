import { type Database, query } from '../../../../platform/database/index.ts'
import { sqlValues } from '../../../../platform/pagination/sql-values.ts'
import type { FeedbackChunk } from './expand-query.ts'
import type { RankedChunk } from './rank-chunks.ts'

/** The words of chunks that were found. The name of the base, which has no position, is none. */
export async function readFeedback(
  database: Pick<Database, 'pool'>,
  found: readonly RankedChunk[],
): Promise<FeedbackChunk[]> {
  const values = sqlValues()
  const ids = values.bind(
    found.map(({ chunkId }) => chunkId),
    'uuid[]',
  )
  const rows = await query<{ chunkId: string; length: number; word: string; count: number }>(
    database,
    values.statement(`SELECT c.id AS "chunkId", c.span_end - c.span_start AS length,
        lexeme AS word, cardinality(positions) AS count
      FROM chunks c, unnest(c.search) WHERE c.id = ANY (${ids}) AND positions IS NOT NULL`),
  )
  const byChunk = Map.groupBy(rows, ({ chunkId }) => chunkId)
  return found.flatMap(({ chunkId, score }) => {
    const words = byChunk.get(chunkId)
    return words?.[0] === undefined ? [] : [{ score, length: words[0].length, words }]
  })
}
