import { callProcedure, type Runtime } from '../../../call.ts'
import { isRecord } from '../../records.ts'
import type { Collection } from './collection.ts'
import { inParallel } from './in-parallel.ts'
import { type Answered, measure, type Quality } from './measure.ts'
import { plainBm25 } from './plain-bm25.ts'

/** The ways of searching that are compared. */
const ways = ['text', 'vector', 'hybrid'] as const
type Way = (typeof ways)[number]

/** What the server takes as a query at most. */
const LONGEST_QUERY = 1000
const HITS = 100
const AT_ONCE = 4

/** One row of the comparison. */
export interface Compared extends Quality {
  readonly search: Way | 'bm25'
}

/** What {@link compare} works with. */
export interface Comparison {
  readonly runtime: Runtime
  readonly signal: AbortSignal
  readonly knowledgeBaseId: string
  readonly collection: Collection
  /** The collection's id of a document by the server's. */
  readonly documentIds: ReadonlyMap<string, string>
  readonly onProgress: (done: number, total: number) => void
}

/** Runs every query in every way, and a plain BM25 of our own over the same documents beside them. */
export async function compare(comparison: Comparison): Promise<Compared[]> {
  const { collection, onProgress } = comparison
  const queries = collection.queries.map(({ id, text }) => ({
    text: text.replace(/\s+/g, ' ').slice(0, LONGEST_QUERY),
    relevant: collection.relevant.get(id) ?? new Set<string>(),
  }))
  const total = queries.length * ways.length
  let done = 0
  const compared: Compared[] = []
  for (const way of ways) {
    const answers = await inParallel(queries, AT_ONCE, async ({ text, relevant }): Promise<Answered> => {
      const found = await search(comparison, text, way)
      done += 1
      onProgress(done, total)
      return { found, relevant }
    })
    compared.push({ search: way, ...measure(answers) })
  }
  const rank = plainBm25(collection.documents)
  compared.push({
    search: 'bm25',
    ...measure(queries.map(({ text, relevant }) => ({ found: rank(text), relevant }))),
  })
  return compared
}

/** The documents of the passages found, each at the place of its best passage. */
async function search(comparison: Comparison, query: string, mode: Way): Promise<string[]> {
  const { runtime, signal, knowledgeBaseId, documentIds } = comparison
  const input = { query, knowledgeBaseIds: [knowledgeBaseId], limit: HITS, mode }
  const answer = await callProcedure(runtime, { path: 'knowledgeBases.search', kind: 'query' }, input, {
    signal,
  })
  const hits = isRecord(answer) && Array.isArray(answer.hits) ? answer.hits : []
  const found = new Set<string>()
  for (const hit of hits) {
    const id =
      isRecord(hit) && typeof hit.documentId === 'string' ? documentIds.get(hit.documentId) : undefined
    if (id !== undefined) found.add(id)
  }
  return [...found]
}
