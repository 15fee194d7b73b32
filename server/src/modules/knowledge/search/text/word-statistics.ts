import { LRUCache } from 'lru-cache'
import { type Database, query } from '../../../../platform/database/index.ts'
import { sqlValues } from '../../../../platform/pagination/sql-values.ts'
import type { WordStatistics } from './bm25.ts'

/** Chunks that are looked at, about; frequencies of more are estimated from as many. At 100,000 that takes 0.2 s. */
const SAMPLE = 4000
/** They decide weights and no result, so they may lag behind. */
const FRESH_MS = 60_000
/** Words kept in memory: about 60 MB. */
const MOST_WORDS = 1_000_000
/** Choices of bases that are remembered; somebody may search a different one each time. */
const MOST_CHOICES = 1_000

type Read = Pick<Database, 'pool'>

const kept = new WeakMap<object, LRUCache<string, WordStatistics, Read>>()

/** The statistics of these bases together: from memory, renewed in the background once they are a minute old. */
export async function wordStatistics(
  database: Read,
  knowledgeBaseIds: readonly string[],
): Promise<WordStatistics> {
  let cache = kept.get(database.pool)
  if (cache === undefined) {
    cache = new LRUCache({
      max: MOST_CHOICES,
      maxSize: MOST_WORDS,
      sizeCalculation: ({ frequencies }) => frequencies.size + 1,
      ttl: FRESH_MS,
      allowStale: true,
      fetchMethod: async (key, _stale, { context }) => await readStatistics(context, key.split(',')),
    })
    kept.set(database.pool, cache)
  }
  const key = [...knowledgeBaseIds].sort().join(',')
  const statistics = await cache.fetch(key, { context: database })
  if (statistics === undefined) throw new Error('Word statistics could not be read')
  // A base that was empty a moment ago may have its first document now.
  if (statistics.chunks === 0) cache.delete(key)
  return statistics
}

async function readStatistics(database: Read, knowledgeBaseIds: readonly string[]): Promise<WordStatistics> {
  const size = sqlValues()
  const [measured] = await query<{ chunks: number; length: number | null }>(
    database,
    size.statement(`SELECT count(*)::int AS chunks, avg(span_end - span_start)::float8 AS length
      FROM chunks WHERE knowledge_base_id = ANY (${size.bind(knowledgeBaseIds, 'uuid[]')})`),
  )
  const chunks = measured?.chunks ?? 0
  const step = Math.max(1, Math.ceil(chunks / SAMPLE))
  const values = sqlValues()
  const ids = values.bind(knowledgeBaseIds, 'uuid[]')
  // `ts_stat` runs a statement that it is given as text, so the ids are written into it: they are uuids and quoted.
  const words = await query<{ word: string; chunks: number }>(
    database,
    values.statement(`SELECT word, ndoc AS chunks FROM ts_stat(format(
        'SELECT search FROM chunks WHERE knowledge_base_id = ANY (%L::uuid[]) AND mod(uuid_hash(id), %s) = 0',
        ${ids}, ${values.bind(step, 'int')}))
      WHERE ndoc > 1`),
  )
  return {
    chunks,
    averageLength: measured?.length ?? 1,
    frequencies: new Map(words.map(({ word, chunks: having }) => [word, having * step])),
  }
}
