import type { Tool } from '@modelcontextprotocol/server'
import type { AnyTRPCRouter } from '@trpc/server'
import { fail } from '../../contract/errors.ts'
import { invoke } from '../../contract/invoke.ts'
import { refusalFor } from '../../contract/pipeline/authorise.ts'
import { asksPerson } from '../../contract/policy.ts'
import { type RegistryEntry, takesFile } from '../../contract/registry.ts'
import { describeTool } from '../tools/describe-tool.ts'
import { toolNameOf } from '../tools/tool-name.ts'
import { type ObjectSchema, toolSchema } from '../tools/tool-schema.ts'
import { fileArgument, uploadOf } from './file-argument.ts'
import type { JobFollower } from './follow-job.ts'
import { done, type McpTool, type ToolAnswer, type ToolCall } from './tool.ts'

/** What runs a procedure as a tool. */
export interface ProcedureRunner {
  readonly router: AnyTRPCRouter
  readonly jobs: JobFollower
}

/** A procedure as a tool of its own. */
export function procedureTool(runner: ProcedureRunner, entry: RegistryEntry): McpTool {
  return {
    definition: definitionOf(runner, entry),
    shownTo: (actor) => refusalFor(entry.policy, actor) === undefined,
    run: (call) => runProcedure(runner, entry, call),
  }
}

/**
 * Runs a query or a mutation for a tool: asks the person first where something is taken away, and stays with the job
 * it answers with while the client listens to its progress.
 * @throws AppError
 */
export async function runProcedure(
  { router, jobs }: ProcedureRunner,
  entry: RegistryEntry,
  call: ToolCall,
): Promise<ToolAnswer> {
  // Nobody is asked about what would be refused anyhow.
  const question = refusalFor(entry.policy, call.actor) === undefined ? call.confirm(entry) : undefined
  if (question !== undefined) return { kind: 'ask', question }
  const { path, kind } = entry
  const { signal } = call
  const upload = takesFile(entry) ? uploadOf(call.args) : undefined
  const context = upload === undefined ? call.context : { ...call.context, upload }
  const input = upload === undefined ? inputOf(entry, call.args) : undefined
  const value = await invoke({ router, path, kind, input, context, signal })
  if (typeof value !== 'object' || value === null)
    throw fail('INTERNAL_SERVER_ERROR', { cause: new Error(`${path} did not answer with an object`) })
  return done(entry.job === null ? value : await jobs.withOutcome(value, call))
}

/** The input schema of a procedure's tool. */
export function inputSchemaOf(entry: RegistryEntry): ObjectSchema {
  const schema = toolSchema(entry.input)
  if (!takesFile(entry)) return schema
  return { ...schema, properties: { ...schema.properties, file: fileArgument } }
}

function definitionOf({ jobs }: ProcedureRunner, entry: RegistryEntry): Tool {
  const output = toolSchema(entry.output)
  return {
    name: toolNameOf(entry.path),
    title: titleOf(entry.path),
    description: describeTool(entry),
    inputSchema: inputSchemaOf(entry),
    outputSchema: entry.job === null ? output : jobs.schemaWithOutcome(output),
    annotations: {
      title: titleOf(entry.path),
      readOnlyHint: entry.kind === 'query',
      destructiveHint: asksPerson(entry.policy),
      idempotentHint: isIdempotent(entry),
      // It knows what is in this server and nothing else.
      openWorldHint: false,
    },
  }
}

function isIdempotent({ kind, policy }: RegistryEntry): boolean {
  return kind === 'query' || ('idempotent' in policy && policy.idempotent === true)
}

/** `projects.members.setRole` → `Projects: members: set role`. */
function titleOf(path: string): string {
  const words = path
    .split('.')
    .map((name) => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`))
    .join(': ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

/** A procedure without input is given none. */
function inputOf(entry: RegistryEntry, args: Record<string, unknown>): unknown {
  return entry.input === null && Object.keys(args).length === 0 ? undefined : args
}
