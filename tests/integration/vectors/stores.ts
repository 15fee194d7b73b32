import type { Database } from '../../../server/src/platform/database/index.ts'
import { createLogger } from '../../../server/src/platform/logger.ts'
import {
  createVectorStore,
  type VectorOptions,
  type VectorStore,
  type VectorStoreKind,
} from '../../../server/src/platform/vectors/index.ts'
import { startChroma } from '../../support/chroma-server.ts'
import { databaseKind } from '../../support/database.ts'
import { startQdrant } from '../../support/qdrant-server.ts'

/** A store under test, with the server it needs. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: VectorStore
}

/** Which stores run with the database under test: pgvector where there is one, the servers once. */
export const kindsHere: readonly VectorStoreKind[] =
  databaseKind() === 'embedded' ? ['pgvector', 'exact', 'chroma', 'qdrant'] : ['exact']

/** Starts the store `kind`. */
export async function startStore(kind: VectorStoreKind, database: Database): Promise<StoreUnderTest> {
  await using stack = new AsyncDisposableStack()
  const options = await optionsOf(kind, stack)
  const store = createVectorStore(options, database, createLogger({ level: 'silent', format: 'json' }))
  stack.defer(() => store.close())
  await store.start()
  const kept = stack.move()
  return { store, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

async function optionsOf(kind: VectorStoreKind, stack: AsyncDisposableStack): Promise<VectorOptions> {
  const nowhere = { store: kind, chromaUrl: undefined, qdrantUrl: undefined, qdrantApiKey: undefined }
  if (kind === 'chroma') return { ...nowhere, chromaUrl: stack.use(await startChroma()).url }
  if (kind !== 'qdrant') return nowhere
  const { url, apiKey } = stack.use(await startQdrant())
  return { ...nowhere, qdrantUrl: url, qdrantApiKey: apiKey }
}
