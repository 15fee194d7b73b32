import {
  type CallToolResult,
  type InputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server'
import type { Actor } from '../../contract/actor.ts'
import type { CallContext } from '../../contract/call-context.ts'
import { errorData } from '../../contract/error-shape.ts'
import { AppError, fail } from '../../contract/errors.ts'
import { normaliseError } from '../../contract/pipeline/normalise-error.ts'
import { requireIdempotencyKey } from '../http/http-call-context.ts'
import { confirmation } from './confirm.ts'
import { instructions } from './instructions.ts'
import type { McpResources } from './resources.ts'
import type { McpTool, Progress, ToolCall } from './tool.ts'
import { errorResultOf, metaKeys, resultOf } from './tool-result.ts'

/** What all servers of a process have in common; none of it changes, and none of it belongs to a caller. */
export interface McpParts {
  readonly tools: ReadonlyMap<string, McpTool>
  readonly resources: McpResources
  readonly version: string
}

/** Who sent the one message that a server is made for. */
export interface McpCaller {
  readonly actor: Actor
  readonly context: CallContext
  readonly stopping: AbortSignal
  readonly waits: () => void
}

/** Lists depend on what the credential allows, so nobody else may be given them. */
const LIST_CACHE = { ttlMs: 60_000, cacheScope: 'private' } as const

/**
 * A server for one message of one caller. Made anew for each, so that nothing of one caller can reach another
 * (CVE-2026-25536 was a server object that two clients shared).
 */
export function createMcpServer({ tools, resources, version }: McpParts, caller: McpCaller): Server {
  const server = new Server(
    { name: 'plinth', title: 'Plinth', version },
    {
      capabilities: { tools: {}, resources: {} },
      instructions,
      // The question of a call could not find its way back: there are no sessions.
      inputRequired: { legacyShim: false },
      cacheHints: { 'tools/list': LIST_CACHE, 'resources/templates/list': LIST_CACHE },
    },
  )
  server.setRequestHandler('tools/list', () => ({
    tools: [...tools.values()]
      .filter((tool) => tool.shownTo(caller.actor))
      .map(({ definition }) => definition),
  }))
  server.setRequestHandler('tools/call', ({ params }, ctx) => {
    const tool = tools.get(params.name)
    if (tool === undefined) {
      const data = errorData(fail('NOT_FOUND'), undefined)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'There is no such tool.', data)
    }
    return callTool(tool, params.arguments ?? {}, caller, ctx)
  })
  const call = (ctx: ServerContext) => ({ ...caller, signal: ctx.mcpReq.signal })
  server.setRequestHandler('resources/list', (_request, ctx) => resources.list(call(ctx)))
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: resources.templates(caller.actor),
  }))
  server.setRequestHandler('resources/read', ({ params }, ctx) => resources.read(params.uri, call(ctx)))
  return server
}

/** Runs a tool; whatever is wrong with the call is for the model to read, not an error of the protocol. */
async function callTool(
  tool: McpTool,
  args: Record<string, unknown>,
  { actor, context, stopping, waits }: McpCaller,
  ctx: ServerContext,
): Promise<CallToolResult | InputRequiredResult> {
  try {
    const seen = new Set<string>()
    const call: ToolCall = {
      actor,
      args,
      signal: ctx.mcpReq.signal,
      stopping,
      waits,
      context: { ...context, idempotencyKey: keyOf(ctx, context), headers: headersOf(context, seen) },
      progress: progressOf(ctx),
      confirm: (entry) => confirmation(ctx, entry, args),
    }
    const answer = await tool.run(call)
    if (answer.kind === 'done') return resultOf(answer.value, seen.has('Idempotency-Replayed'))
    return answer.question
  } catch (thrown) {
    if (!(thrown instanceof AppError)) context.runtime.logger.error('tool failed', { error: thrown })
    return errorResultOf(normaliseError(thrown), tool.definition.name)
  }
}

/** The key of the message, else that of the request it came in. @throws BAD_REQUEST */
function keyOf({ mcpReq }: ServerContext, { idempotencyKey }: CallContext): string | undefined {
  const key = mcpReq._meta?.[metaKeys.idempotencyKey]
  return key === undefined ? idempotencyKey : requireIdempotencyKey(metaKeys.idempotencyKey, key)
}

/** Of the headers a call wants, those about the limits are the answer's; the others stand in the message. */
function headersOf(context: CallContext, seen: Set<string>): CallContext['headers'] {
  return {
    set(name, value) {
      seen.add(name)
      if (name.startsWith('RateLimit')) context.headers.set(name, value)
    },
  }
}

function progressOf({ mcpReq }: ServerContext): ((progress: Progress) => void) | undefined {
  const progressToken = mcpReq._meta?.progressToken
  if (progressToken === undefined) return undefined
  let last = -1
  return ({ done, total, message }) => {
    // It must grow: https://modelcontextprotocol.io/specification/2026-07-28/basic/utilities/progress
    if (done <= last) return
    last = done
    const params = { progressToken, progress: done, message, ...(total === undefined ? {} : { total }) }
    // A client that is gone is noticed elsewhere.
    mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined)
  }
}
