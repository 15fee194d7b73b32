import type { Actor } from '../../contract/actor.ts'

/** How passages are found: by what vectors and words say together, or by one of them. */
export const searchModes = ['hybrid', 'text', 'vector'] as const
/** One of them. */
export type SearchMode = (typeof searchModes)[number]

/** What somebody looks for. */
export interface Search {
  readonly actor: Actor
  readonly query: string
  /** All the actor may read unless given. Those they may not read are as if they were not there. */
  readonly knowledgeBaseIds?: readonly string[]
  readonly limit: number
  readonly explain?: boolean
  /** By meaning and by words (`hybrid`) unless given. */
  readonly mode?: SearchMode
  readonly signal: AbortSignal
}

/** How a hit was found: its rank in each search, from 1; absent where it was not among the candidates. */
export interface HitExplanation {
  readonly vectorRank?: number
  /** Cosine similarity. */
  readonly vectorScore?: number
  readonly textRank?: number
  readonly textScore?: number
}

/** A passage that was found. */
export interface Hit {
  readonly chunkId: string
  readonly documentId: string
  readonly knowledgeBaseId: string
  /** The document's. */
  readonly title: string
  readonly headings: readonly string[]
  readonly text: string
  /** Larger is better; only comparable within one search. */
  readonly score: number
  /** Where it is in the document's text, in UTF-16 units. */
  readonly span: { readonly start: number; readonly end: number }
  readonly page?: number
  readonly explain?: HitExplanation
}

/** What came of a search. */
export interface Findings {
  /** The best first. */
  readonly hits: readonly Hit[]
  /** The knowledge bases that were searched. */
  readonly knowledgeBaseIds: readonly string[]
  /** Set when the vectors, or some of them, could not be searched and the hits go by the words alone. */
  readonly degraded?: 'vector'
}

/** Finds passages that `actor` may read, and nothing else. */
export interface Retriever {
  /**
   * The best first. A vector store or an embedding model that is sick costs quality, not the answer: the words are
   * searched all the same.
   * @throws BUDGET_EXCEEDED
   */
  search(search: Search): Promise<readonly Hit[]>
  /** As {@link search}, and says how it went. @throws SERVICE_UNAVAILABLE when only vectors were wanted and failed */
  find(search: Search): Promise<Findings>
  /** Those of these chunks the actor may read now. One round trip. */
  readable(actor: Actor, chunkIds: readonly string[]): Promise<ReadonlySet<string>>
}
