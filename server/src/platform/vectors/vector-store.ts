/** A vector and what it stands for. */
export interface VectorItem {
  readonly chunkId: string
  readonly documentId: string
  readonly knowledgeBaseId: string
  readonly vector: Float32Array
}

/** What is looked for. */
export interface VectorQuery {
  /** Spaces of one model: their vectors are compared with each other. */
  readonly spaceIds: readonly string[]
  readonly vector: Float32Array
  /** Of all spaces together. */
  readonly limit: number
  readonly signal: AbortSignal
}

/** A chunk that is near. */
export interface VectorHit {
  readonly chunkId: string
  /** Cosine similarity, −1 to 1. */
  readonly score: number
}

/** A space: vectors that can be compared with each other. One knowledge base has one that is searched. */
export interface VectorSpace {
  readonly id: string
  readonly dimension: number
}

/** The stores there are. */
export const vectorStoreKinds = ['pgvector', 'exact', 'chroma', 'qdrant'] as const
/** One of them. */
export type VectorStoreKind = (typeof vectorStoreKinds)[number]

/**
 * Keeps vectors and finds near ones. It knows no rights and no documents: which spaces are searched, and which of the
 * chunks found still exist and may be shown, Postgres decides. So a store may lag behind without showing anything.
 *
 * Every call ends within a limit, and fails with a `VectorStoreError` or the signal's own reason.
 */
export interface VectorStore {
  /** Which one it is. Known once {@link start} has resolved. */
  readonly kind: VectorStoreKind
  /** Finds out which store it is and prepares it. Logs what is missing; does not reject. */
  start(): Promise<void>
  /** @throws VectorStoreError when it cannot be used, saying what is missing */
  check(signal: AbortSignal): Promise<void>
  /** Makes room. Doing it again changes nothing. */
  createSpace(space: VectorSpace, signal: AbortSignal): Promise<void>
  /** Removes a space and everything in it. One that is not there is no error. */
  dropSpace(spaceId: string, signal: AbortSignal): Promise<void>
  /**
   * Adds or replaces by chunk id; makes the space where there is none. A vector without a direction (all zeros) is near
   * to nothing and not kept.
   * @throws VectorStoreError for numbers that are not finite, or of another dimension
   */
  upsert(space: VectorSpace, items: readonly VectorItem[], signal: AbortSignal): Promise<void>
  /** Removes these; those that are not there are no error. */
  removeChunks(spaceId: string, chunkIds: readonly string[], signal: AbortSignal): Promise<void>
  /** The nearest first. A space that is not there finds nothing. */
  search(query: VectorQuery): Promise<readonly VectorHit[]>
  count(spaceId: string, signal: AbortSignal): Promise<number>
  close(): Promise<void>
}
