export { createVectorStore } from './create-vector-store.ts'
export type { VectorOptions } from './vector-options.ts'
export type {
  VectorItem,
  VectorStore,
  VectorStoreKind,
} from './vector-store.ts'
export { VectorStoreError } from './vector-store-error.ts'
