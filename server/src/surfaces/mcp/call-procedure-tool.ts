import { z } from 'zod'
import { jsonSchemaOf } from '../../contract/json-schema.ts'
import { toolSchema } from '../tools/tool-schema.ts'
import type { ProcedureIndex } from './procedure-index.ts'
import { type ProcedureRunner, runProcedure } from './procedure-tool.ts'
import { done, type McpTool } from './tool.ts'
import { validated } from './validated.ts'

/** What names a procedure. */
export const ProcedureName = z
  .string()
  .max(100)
  .regex(/^[\w.]+$/, 'Give a name that search_procedures found.')
  .describe('A name that search_procedures found, for example `tasks_restore`.')

const Input = z.strictObject({
  name: ProcedureName,
  arguments: z.record(z.string(), z.unknown()).default({}).describe('As its input schema says.'),
})

const Output = z.object({ result: z.record(z.string(), z.unknown()).describe('What the procedure answers.') })

/** Calls any query or mutation by its name, with the same checks as a tool of its own. */
export function callProcedureTool(index: ProcedureIndex, runner: ProcedureRunner): McpTool {
  return {
    definition: {
      name: 'call_procedure',
      title: 'Call a procedure',
      description:
        'Call a query or mutation that search_procedures found, by its name and with arguments as its input schema says.',
      inputSchema: toolSchema(jsonSchemaOf(Input, 'input')),
      outputSchema: toolSchema(jsonSchemaOf(Output, 'output')),
      // It can be any of them.
      annotations: {
        readOnlyHint: false,
        destructiveHint: true,
        idempotentHint: false,
        openWorldHint: false,
      },
    },
    shownTo: () => true,
    async run(call) {
      const { name, arguments: args } = validated(Input, call.args)
      const entry = index.named(name, ['query', 'mutation'])
      const answer = await runProcedure(runner, entry, { ...call, args })
      return answer.kind === 'done' ? done({ result: answer.value }) : answer
    },
  }
}
