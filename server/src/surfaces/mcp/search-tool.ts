import { z } from 'zod'
import { jsonSchemaOf } from '../../contract/json-schema.ts'
import { limit } from '../../contract/pipeline/limit.ts'
import { toolSchema } from '../tools/tool-schema.ts'
import type { ProcedureIndex } from './procedure-index.ts'
import { done, type McpTool } from './tool.ts'
import { validated } from './validated.ts'

const Input = z.strictObject({
  query: z.string().min(1).max(200).describe('A few words: what you want to do.'),
  limit: z.int().min(1).max(10).default(5).describe('How many to find at most, 1–10.'),
})

const Output = z.object({
  procedures: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['query', 'mutation', 'subscription']),
      callWith: z.string().describe('The tool that calls it.'),
      description: z.string(),
      destructive: z.boolean(),
      inputSchema: z.record(z.string(), z.unknown()).describe('JSON Schema of `arguments`.'),
    }),
  ),
})

/** Finds procedures that are no tools of their own, and the others. */
export function searchTool(index: ProcedureIndex): McpTool {
  return {
    definition: {
      name: 'search_procedures',
      title: 'Search procedures',
      description:
        'Find what else this server can do, by words. Answers with names and input schemas for call_procedure and wait_for_events.',
      inputSchema: toolSchema(jsonSchemaOf(Input, 'input')),
      outputSchema: toolSchema(jsonSchemaOf(Output, 'output')),
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    },
    shownTo: () => true,
    async run({ args, actor, context }) {
      await limit({ limit: 'read' }, actor, context)
      const input = validated(Input, args)
      const procedures = index.search(input.query, input.limit, actor)
      return done({ procedures } satisfies z.input<typeof Output>)
    },
  }
}
