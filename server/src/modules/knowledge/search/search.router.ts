import { query } from '../../../contract/procedure.ts'
import * as schema from './search.schema.ts'
import type { SearchService } from './search.service.ts'

/** `knowledgeBases.search`. */
export const createSearchProcedures = (searches: SearchService) => ({
  search: query({
    summary: 'Search knowledge bases, by meaning and by words.',
    description:
      'Finds passages of documents that you may read. When the vectors cannot be searched, the words alone decide and `degraded` says so.',
    policy: {
      surfaces: { mcp: 'listed' },
      access: { who: 'member', min: 'viewer' },
      scope: 'knowledge:read',
      limit: 'search',
      errors: ['BUDGET_EXCEEDED'],
    },
    input: schema.KnowledgeBasesSearchInput,
    output: schema.KnowledgeBasesSearchOutput,
    run: (call) => searches.search(call),
  }),
})
