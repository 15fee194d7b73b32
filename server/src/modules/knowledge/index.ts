import { router } from '../../contract/procedure.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/index.ts'
import type { Bus } from '../../platform/events/bus.ts'
import type { Logger } from '../../platform/logger.ts'
import type { VectorStore } from '../../platform/vectors/index.ts'
import type { Files } from '../files/index.ts'
import type { ModelCalls } from '../models/index.ts'
import { createBaseProcedures } from './bases/bases.router.ts'
import { createBasesService } from './bases/bases.service.ts'
import { createCleaner } from './cleaner/cleaner.ts'
import { createDocumentsRouter } from './documents/documents.router.ts'
import { createDocumentsService } from './documents/documents.service.ts'
import { createExtractor } from './extraction/extractor.ts'
import { createChunkEmbedder } from './ingest/embed-chunks.ts'
import { createIngestDocument } from './ingest/ingest-document.job.ts'
import { createReembedService } from './reembed/reembed.service.ts'
import { createReembedBase } from './reembed/reembed-base.job.ts'
import { createRetriever } from './search/hybrid-retriever.ts'
import { createSearchProcedures } from './search/search.router.ts'
import { createSearchService } from './search/search.service.ts'

export { mayUseBase } from './knowledge-access.ts'
export type { Hit, Retriever } from './retriever.ts'

/** What the module is made of. */
export interface KnowledgeDeps {
  readonly database: Database
  readonly clock: Clock
  readonly bus: Bus
  readonly logger: Logger
  readonly files: Pick<Files, 'claim' | 'read'>
  readonly models: ModelCalls
  readonly vectors: VectorStore
}

/** Builds the knowledge module. Threads start with the first document. */
export function createKnowledge(deps: KnowledgeDeps) {
  const { database, clock, bus, logger, files, models, vectors } = deps
  const extractor = createExtractor()
  const embedder = createChunkEmbedder(models, vectors)
  const cleaner = createCleaner({ database, vectors, bus, logger })
  const bases = createBasesService({ database, clock })
  const documents = createDocumentsService({ database, clock, claimFile: files.claim })
  const retriever = createRetriever(deps)
  const searches = createSearchService({ database, retriever })
  const reembed = createReembedService({ models, vectors })
  const readFile = files.read
  return {
    routers: {
      knowledgeBases: router({ ...createBaseProcedures(bases), ...createSearchProcedures(searches) }),
      documents: createDocumentsRouter(documents, reembed),
    },
    jobs: [
      createIngestDocument({ database, clock, readFile, extractor, embedder, vectors, models }),
      createReembedBase({ database, embedder }),
    ],
    /** Removes what deleted and failed documents left, as far as it is due. */
    clean: () => cleaner.clean(),
    /** @param cleaning whether this process does it by itself */
    start(cleaning: boolean) {
      if (cleaning) cleaner.start()
    },
    async close() {
      await cleaner.close()
      await extractor.close()
    },
    /** Finds passages that an actor may read. */
    retriever,
  }
}

/** The knowledge module as the composition root holds it. */
export type Knowledge = ReturnType<typeof createKnowledge>
