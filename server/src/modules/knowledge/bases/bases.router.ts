import { mutation, query } from '../../../contract/procedure.ts'
import * as schema from './bases.schema.ts'
import type { BasesService } from './bases.service.ts'

/** `knowledgeBases.*` but for the search. */
export const createBaseProcedures = (bases: BasesService) => ({
  create: mutation({
    summary: 'Create a knowledge base, for yourself or for a project.',
    policy: {
      surfaces: { mcp: 'listed' },
      access: { who: 'member', min: 'editor' },
      scope: 'knowledge:write',
      limit: 'write',
      audit: 'knowledgeBases.create',
      errors: ['TOO_MANY_KNOWLEDGE_BASES'],
    },
    input: schema.KnowledgeBasesCreateInput,
    output: schema.KnowledgeBasesCreateOutput,
    run: (call) => bases.create(call),
  }),
  list: query({
    summary: 'List the knowledge bases that you may read, newest first.',
    policy: {
      surfaces: { mcp: 'listed' },
      access: { who: 'member', min: 'viewer' },
      scope: 'knowledge:read',
      limit: 'read',
    },
    input: schema.KnowledgeBasesListInput,
    output: schema.KnowledgeBasesListOutput,
    run: (call) => bases.list(call),
  }),
  get: query({
    summary: 'Get a knowledge base.',
    policy: { access: { who: 'member', min: 'viewer' }, scope: 'knowledge:read', limit: 'read' },
    input: schema.KnowledgeBasesGetInput,
    output: schema.KnowledgeBasesGetOutput,
    run: (call) => bases.get(call),
  }),
  update: mutation({
    summary: 'Rename a knowledge base.',
    policy: {
      access: { who: 'member', min: 'editor' },
      scope: 'knowledge:write',
      limit: 'write',
      audit: 'knowledgeBases.update',
    },
    input: schema.KnowledgeBasesUpdateInput,
    output: schema.KnowledgeBasesUpdateOutput,
    run: (call) => bases.update(call),
  }),
  delete: mutation({
    summary: 'Delete a knowledge base with everything in it, for good.',
    description: 'Nothing of it is found from then on; its files and vectors are removed within a minute.',
    policy: {
      access: { who: 'member', min: 'editor' },
      scope: 'knowledge:write',
      limit: 'write',
      audit: 'knowledgeBases.delete',
      destructive: true,
    },
    input: schema.KnowledgeBasesDeleteInput,
    output: schema.KnowledgeBasesDeleteOutput,
    run: (call) => bases.delete(call),
  }),
})
