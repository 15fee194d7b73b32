import { type Database, query } from '../../../../platform/database/index.ts'
import { sqlValues } from '../../../../platform/pagination/sql-values.ts'
import type { WeightedWords } from './bm25.ts'

/** The words of a query as the index has them, each with how often it is there. */
export async function readQueryWords(database: Pick<Database, 'pool'>, text: string): Promise<WeightedWords> {
  const values = sqlValues()
  const rows = await query<{ word: string; count: number }>(
    database,
    values.statement(`SELECT lexeme AS word, cardinality(positions) AS count
      FROM unnest(searchable_words(${values.bind(text, 'text')}))`),
  )
  return new Map(rows.map(({ word, count }) => [word, count]))
}
