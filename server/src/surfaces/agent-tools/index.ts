import type { AnyTRPCRouter } from '@trpc/server'
import type { Actor } from '../../contract/actor.ts'
import { type ContractRuntime, createCallContext } from '../../contract/call-context.ts'
import { AppError, fail } from '../../contract/errors.ts'
import { invoke } from '../../contract/invoke.ts'
import { refusalFor } from '../../contract/pipeline/authorise.ts'
import { requireBounds } from '../../contract/pipeline/bounds.ts'
import { asksPerson } from '../../contract/policy.ts'
import type { RegistryEntry } from '../../contract/registry.ts'
import {
  currentContext,
  newTraceId,
  type RequestContext,
  runInContext,
} from '../../platform/request-context.ts'
import { describeTool } from '../tools/describe-tool.ts'
import { byToolName } from '../tools/tool-name.ts'
import { type ObjectSchema, toolSchema } from '../tools/tool-schema.ts'
import { type AgentToolError, agentToolError } from './agent-tool-error.ts'
import { type ConfirmedCall, createConfirmations } from './confirmations.ts'
import { offeredTo } from './offered.ts'

export type { AgentToolError } from './agent-tool-error.ts'
export type { ConfirmedCall } from './confirmations.ts'

/** What {@link createAgentTools} needs. */
export interface AgentToolsOptions {
  readonly router: AnyTRPCRouter
  readonly registry: readonly RegistryEntry[]
  readonly runtime: ContractRuntime
  /** The paths of the procedures an agent gets; all that agents may call unless given. */
  readonly procedures?: readonly string[]
}

/** A procedure as a model is told of it. */
export interface AgentTool {
  /** What the model calls it: `tasks_create`. */
  readonly name: string
  readonly path: string
  readonly summary: string
  readonly description: string
  /** What an API key needs for it. */
  readonly scope: string
  /** JSON Schema 2020-12 of its input. */
  readonly inputSchema: ObjectSchema
  /** Runs only with the confirmation of a person. */
  readonly needsConfirmation: boolean
  /** Changes nothing. */
  readonly readOnly: boolean
}

/** How a tool is run. */
export interface AgentToolRun {
  /**
   * Who the agent acts for, with the rights they have now; null when they have none any more. Asked at every run, so that
   * an agent never keeps what its user has lost.
   */
  readonly actor: () => Promise<Actor | null>
  readonly signal: AbortSignal
  /** The same for a step that is done again: it then has its effect once, and gives the first answer. */
  readonly idempotencyKey?: string
  /** From {@link AgentTools.confirm}. */
  readonly confirmation?: string
  /** The trace of the agent's run; that of the request it runs in unless given. */
  readonly traceId?: string
}

/** What a run came to. */
export type AgentToolOutcome =
  | { readonly status: 'done'; readonly value: unknown; readonly traceId: string }
  /** Nothing happened: a person has to agree first. */
  | { readonly status: 'unconfirmed'; readonly tool: AgentTool; readonly traceId: string }
  | { readonly status: 'failed'; readonly error: AgentToolError; readonly traceId: string }

/** Procedures as tools of the product's own agents. */
export interface AgentTools {
  readonly tools: readonly AgentTool[]
  /** Those of the tools that `actor` may call as far as their role and credential tell. */
  offeredTo(actor: Actor): readonly AgentTool[]
  /**
   * What a person's agreement to one call is worth: a text that lets exactly this call of this user through, for ten
   * minutes, with one effect: as the step it names, or as a call without a key. To be given out only when a person has
   * said yes; a model cannot make it.
   */
  confirm(call: ConfirmedCall): string
  /** Runs a tool by name. Does not reject: whatever is wrong is the outcome, for the model to read. */
  run(name: string, input: unknown, run: AgentToolRun): Promise<AgentToolOutcome>
}

/**
 * Builds the tools of an agent. Calls go through the pipeline like those of every other surface: access, limits,
 * validation, idempotency and audit (as surface `agent`) are the procedure's.
 * @throws Error at start-up when a procedure is named that agents may not call
 */
export function createAgentTools({ router, registry, runtime, procedures }: AgentToolsOptions): AgentTools {
  const entries = byToolName(offeredTo(registry, procedures))
  const tools = new Map([...entries].map(([name, entry]) => [name, toolOf(name, entry)]))
  const confirmations = createConfirmations(runtime)

  async function call(
    name: string,
    input: unknown,
    run: AgentToolRun,
    request: RequestContext,
  ): Promise<unknown> {
    const entry = entries.get(name)
    const tool = tools.get(name)
    if (entry === undefined || tool === undefined)
      throw fail('NOT_FOUND', { message: 'There is no such tool.' })
    requireBounds(input)
    const actor = await run.actor()
    if (actor === null)
      throw fail('UNAUTHORIZED', { message: 'The user the agent acts for has lost access.' })
    const step = run.idempotencyKey
    const confirmed = confirmations.check({ userId: actor.userId, name, input, step }, run.confirmation)
    // Nobody is asked about what would be refused anyhow.
    if (tool.needsConfirmation && confirmed === undefined)
      throw refusalFor(entry.policy, actor) ?? new Unconfirmed(tool)
    const key = step ?? confirmed
    const context = createCallContext({
      runtime,
      request,
      actor: async () => actor,
      idempotencyKey: key === undefined ? undefined : `agent:${key}`,
    })
    const { path, kind } = entry
    // Models send {} for no input.
    const given = entry.input === null && isEmpty(input) ? undefined : input
    return invoke({ router, path, kind, input: given, context, signal: run.signal })
  }

  return {
    tools: [...tools.values()],
    offeredTo: (actor) => {
      const may = (name: string): boolean => {
        const entry = entries.get(name)
        return entry !== undefined && refusalFor(entry.policy, actor) === undefined
      }
      return [...tools.values()].filter(({ name }) => may(name))
    },
    confirm: (confirmedCall) => confirmations.issue(confirmedCall),
    run(name, input, run) {
      const request = requestOf(run)
      const { traceId } = request
      return runInContext(request, async (): Promise<AgentToolOutcome> => {
        try {
          return { status: 'done', value: await call(name, input, run, request), traceId }
        } catch (thrown) {
          if (thrown instanceof Unconfirmed) return { status: 'unconfirmed', tool: thrown.tool, traceId }
          if (!(thrown instanceof AppError)) runtime.logger.error('agent tool failed', { error: thrown })
          return { status: 'failed', error: agentToolError(thrown, name), traceId }
        }
      })
    },
  }
}

/** A call that waits for a person. */
class Unconfirmed extends Error {
  override readonly name = 'Unconfirmed'
  readonly tool: AgentTool

  constructor(tool: AgentTool) {
    super('A person has to confirm this first')
    this.tool = tool
  }
}

function toolOf(name: string, entry: RegistryEntry): AgentTool {
  return {
    name,
    path: entry.path,
    summary: entry.summary,
    description: describeTool(entry),
    scope: entry.policy.scope,
    inputSchema: toolSchema(entry.input),
    needsConfirmation: asksPerson(entry.policy),
    readOnly: entry.kind === 'query',
  }
}

/** The context of a run: part of the request or job it happens in, under a surface of its own. */
function requestOf({ traceId }: AgentToolRun): RequestContext {
  const outer = currentContext()
  return {
    traceId: traceId ?? outer?.traceId ?? newTraceId(),
    remoteParent: outer?.remoteParent,
    surface: 'agent',
    ip: outer?.ip,
    userAgent: outer?.userAgent,
    roundTrips: 0,
  }
}

function isEmpty(input: unknown): boolean {
  return (
    input === undefined || (typeof input === 'object' && input !== null && Object.keys(input).length === 0)
  )
}
