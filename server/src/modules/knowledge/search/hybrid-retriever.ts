import { fail } from '../../../contract/errors.ts'
import type { Database } from '../../../platform/database/index.ts'
import type { Logger } from '../../../platform/logger.ts'
import type { Findings, Hit, Retriever, Search } from '../retriever.ts'
import { type Fused, fuse, type RankedList } from './fuse.ts'
import { findReadable, loadPassages } from './load-hits.ts'
import { searchVectors, type VectorFindings, type VectorSearchDeps } from './search-vectors.ts'
import { findSearchedBases, type SearchedBase } from './searched-bases.ts'
import { searchText } from './text/search-text.ts'

/** What the retriever is made of. */
export interface RetrieverDeps extends VectorSearchDeps {
  readonly database: Pick<Database, 'pool'>
  readonly logger: Pick<Logger, 'warn'>
}

/** Candidates of each search: what one of them has further down gets no better by the other. */
const DEPTH = 100

/**
 * Finds passages by words and by vectors at once and fuses both. The bases are chosen by rights before anything is
 * searched, and what was found is read by rights again, so that neither a store that lags behind nor a right that was
 * taken away meanwhile shows anything.
 *
 * The bases, then words beside vectors, then the passages: one statement for all of it would have to wait for the
 * embedding before it could begin with the words, and would not do for stores outside of Postgres.
 */
export function createRetriever(deps: RetrieverDeps): Retriever {
  const { database, logger } = deps
  const find = async (search: Search): Promise<Findings> => {
    const bases = await findSearchedBases(database, search.actor, search.knowledgeBaseIds)
    const baseIds = bases.map(({ id }) => id)
    if (baseIds.length === 0) return { hits: [], knowledgeBaseIds: [] }
    const [text, vector] = await Promise.all([byWords(search, baseIds), byVectors(search, bases)])
    const fused = fuse([...text, ...vector.lists])
    const wanted = { chunkIds: fused.map(({ chunkId }) => chunkId), baseIds, limit: search.limit }
    const actor = actorFor(search)
    const passages = fused.length === 0 ? [] : await loadPassages(database, actor, wanted)
    const byId = new Map(fused.map((each) => [each.chunkId, each]))
    const hits = passages.flatMap((passage): Hit[] => {
      const found = byId.get(passage.chunkId)
      return found === undefined ? [] : [{ ...passage, ...judged(found, search.explain === true) }]
    })
    if (vector.failure === undefined) return { hits, knowledgeBaseIds: baseIds }
    return { hits, knowledgeBaseIds: baseIds, degraded: 'vector' }
  }
  return {
    find,
    search: async (search) => (await find(search)).hits,
    readable: (actor, chunkIds) => findReadable(database, actor, chunkIds),
  }

  async function byWords(search: Search, knowledgeBaseIds: readonly string[]): Promise<RankedList[]> {
    if (search.mode === 'vector') return []
    const found = await searchText(database, { knowledgeBaseIds, query: search.query, limit: DEPTH })
    return [{ by: 'text', weight: 1, found }]
  }

  async function byVectors(search: Search, bases: readonly SearchedBase[]): Promise<VectorFindings> {
    const spaces = bases.flatMap(({ space }) => (space === null ? [] : [space]))
    if (search.mode === 'text' || spaces.length === 0) return { lists: [] }
    const findings = await searchVectors(deps, search, spaces, DEPTH)
    if (findings.failure === undefined) return findings
    logger.warn('A search goes without vectors', { error: findings.failure })
    if (search.mode !== 'vector') return findings
    const message = 'The vectors cannot be searched at the moment. Search by words, or try again shortly.'
    throw fail('SERVICE_UNAVAILABLE', { message, cause: findings.failure })
  }
}

/** Membership is stepped over for bases that were named, and for no others. */
function actorFor({ actor, knowledgeBaseIds }: Search): Pick<Search['actor'], 'userId' | 'bypass'> {
  return knowledgeBaseIds === undefined ? { userId: actor.userId } : actor
}

function judged({ score, explain }: Fused, wanted: boolean): Pick<Hit, 'score' | 'explain'> {
  return wanted ? { score, explain } : { score }
}
