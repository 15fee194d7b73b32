/** Where vectors are kept. */
export interface VectorOptions {
  /** What the operator chose; undefined for pgvector where the database has it, else exact. */
  readonly store: 'pgvector' | 'exact' | 'chroma' | 'qdrant' | undefined
  readonly chromaUrl: string | undefined
  readonly qdrantUrl: string | undefined
  readonly qdrantApiKey: string | undefined
}
