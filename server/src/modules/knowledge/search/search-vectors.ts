import { AppError } from '../../../contract/errors.ts'
import type { VectorStore } from '../../../platform/vectors/index.ts'
import { VectorStoreError } from '../../../platform/vectors/index.ts'
import { type ModelCalls, providerReasons } from '../../models/index.ts'
import type { Search } from '../retriever.ts'
import type { RankedList } from './fuse.ts'
import type { EmbeddedIn } from './searched-bases.ts'

/** What searching vectors takes. */
export interface VectorSearchDeps {
  readonly vectors: Pick<VectorStore, 'kind' | 'search'>
  readonly models: Pick<ModelCalls, 'embed'>
}

/** What the vectors said. */
export interface VectorFindings {
  readonly lists: readonly RankedList[]
  /** Why some of them could not be asked; undefined when all were. */
  readonly failure?: unknown
}

/**
 * How much vectors say beside the words. The embedder that works on this machine knows no meanings, only spellings: on
 * five collections its vote did most good at a fifth of the words'. A trained model's counts as much as the words.
 */
const LOCAL_WEIGHT = 0.2
const LOCAL = 'demo:'
/** A search that has the words' answer waits no longer for the vectors', embedding included. */
const LIMIT_MS = 3_000

/**
 * Searches spaces: the query is embedded once for each model, and vectors of one model are compared. What fails is
 * reported and not thrown, but for the caller's own signal and budget.
 */
export async function searchVectors(
  { vectors, models }: VectorSearchDeps,
  search: Pick<Search, 'actor' | 'query' | 'signal'>,
  spaces: readonly EmbeddedIn[],
  depth: number,
): Promise<VectorFindings> {
  const late = AbortSignal.timeout(LIMIT_MS)
  const signal = AbortSignal.any([search.signal, late])
  const here = spaces.filter(({ store }) => store === vectors.kind)
  const byModel = Map.groupBy(here, ({ modelId }) => modelId)
  const elsewhere =
    here.length < spaces.length ? new Error('Some vectors are in a store that is not in use') : undefined
  const asked = await Promise.all([...byModel].map(([modelId, same]) => searchModel(modelId, same)))
  return {
    lists: asked.flatMap(({ list }) => (list === undefined ? [] : [list])),
    failure: asked.find(({ failure }) => failure !== undefined)?.failure ?? elsewhere,
  }

  async function searchModel(
    modelId: string,
    same: readonly EmbeddedIn[],
  ): Promise<{ list?: RankedList; failure?: unknown }> {
    try {
      const use = { actor: search.actor, purpose: 'embedding' } as const
      const texts = [search.query]
      const [vector] = await models.embed(use, { modelId, texts, as: 'query', signal })
      if (vector === undefined) throw new Error('One text was to be embedded, and none was')
      const spaceIds = same.map(({ id }) => id)
      const found = await vectors.search({ spaceIds, vector, limit: depth, signal })
      return { list: { by: 'vector', weight: modelId.startsWith(LOCAL) ? LOCAL_WEIGHT : 1, found } }
    } catch (failure) {
      search.signal.throwIfAborted()
      if (failure !== late.reason && !costsQualityOnly(failure)) throw failure
      return { failure }
    }
  }
}

const SURVIVED = new Set<string | undefined>([...providerReasons, 'MODEL_NOT_AVAILABLE', 'CONTEXT_TOO_LONG'])

function costsQualityOnly(failure: unknown): boolean {
  if (failure instanceof VectorStoreError) return true
  return failure instanceof AppError && SURVIVED.has(failure.reason)
}
