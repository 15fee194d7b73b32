import type { z } from 'zod'
import type { Actor } from '../../../contract/actor.ts'
import { fail } from '../../../contract/errors.ts'
import type { Database } from '../../../platform/database/index.ts'
import { auditBypassedRead } from '../../projects/index.ts'
import type { Retriever } from '../retriever.ts'
import type { KnowledgeBasesSearchInput, KnowledgeBasesSearchOutput } from './search.schema.ts'

/** `knowledgeBases.search` behind its policy. */
export interface SearchService {
  /** @throws NOT_FOUND when a base that was named is none the actor may read, BUDGET_EXCEEDED, SERVICE_UNAVAILABLE */
  search(call: {
    readonly actor: Actor
    readonly input: z.output<typeof KnowledgeBasesSearchInput>
    readonly signal: AbortSignal | undefined
  }): Promise<z.output<typeof KnowledgeBasesSearchOutput>>
}

/** What the service is made of. */
export interface SearchServiceDeps {
  readonly database: Pick<Database, 'pool'>
  readonly retriever: Pick<Retriever, 'find'>
}

/** A search whose caller cannot hang up still ends. */
const LIMIT_MS = 30_000

/** Builds the {@link SearchService}. */
export function createSearchService({ database, retriever }: SearchServiceDeps): SearchService {
  return {
    async search({ actor, input, signal = AbortSignal.timeout(LIMIT_MS) }) {
      const named = input.knowledgeBaseIds === undefined ? undefined : [...new Set(input.knowledgeBaseIds)]
      const { query, limit, mode, explain = false } = input
      const search = { actor, query, limit, mode, explain, signal }
      const found = await retriever.find(
        named === undefined ? search : { ...search, knowledgeBaseIds: named },
      )
      if (named !== undefined && found.knowledgeBaseIds.length < named.length) throw fail('NOT_FOUND')
      for (const targetId of named ?? []) {
        const read = { action: 'knowledgeBases.search', targetType: 'knowledgeBase', targetId }
        await auditBypassedRead(database, actor, read)
      }
      const hits = found.hits.map((hit) => ({ ...hit, headings: [...hit.headings] }))
      return found.degraded === undefined ? { hits } : { hits, degraded: found.degraded }
    },
  }
}
