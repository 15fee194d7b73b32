import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler } from '@modelcontextprotocol/server'
import type { Request, RequestHandler, Response } from 'express'
import type { Actor } from '../../contract/actor.ts'
import type { CallContext } from '../../contract/call-context.ts'
import { fail } from '../../contract/errors.ts'
import { StreamClosed } from '../../contract/event-stream.ts'
import { normaliseError } from '../../contract/pipeline/normalise-error.ts'
import { httpCallContext } from '../http/http-call-context.ts'
import { handle, requireContext } from '../http/request.ts'
import { endWhenDraining } from '../http/server.ts'
import { leavePlace } from '../http/shed-load.ts'
import type { SurfaceOptions } from '../http/surface-options.ts'
import { callerRefusal } from './check-caller.ts'
import { countMessage, type MessageCount } from './count-message.ts'
import { createMcpParts } from './create-mcp-parts.ts'
import { createMcpServer, type McpParts } from './mcp-server.ts'
import { type McpMessage, readMessage } from './read-message.ts'
import { answerRefusal, RefusedMessage, refusalResponse, rpcCodes } from './refusal.ts'
import { sameShape } from './same-shape.ts'

/** The handler of `/mcp`; see index.ts. @throws Error for a procedure that cannot be a tool */
export function mcpRoutes(options: SurfaceOptions): RequestHandler {
  const parts = createMcpParts(options)
  return handle(async (req, res) => {
    try {
      await answer(options, parts, req, res)
    } catch (thrown) {
      if (res.headersSent) throw thrown
      const refusal =
        thrown instanceof RefusedMessage
          ? thrown
          : new RefusedMessage(rpcCodes.refused, normaliseError(thrown))
      logRefusal(options, refusal, thrown)
      answerRefusal(res, refusal)
    }
  })
}

async function answer(options: SurfaceOptions, parts: McpParts, req: Request, res: Response): Promise<void> {
  if (req.method !== 'POST') {
    res.setHeader('Allow', 'POST')
    throw fail('METHOD_NOT_SUPPORTED', { message: 'Send messages with POST; there are no sessions.' })
  }
  const refusal = callerRefusal(options, req)
  if (refusal !== undefined) throw refusal
  // Cookies are for browsers, which are not MCP clients.
  const context = { ...httpCallContext(options, req, res, false), cookies: undefined, upload: undefined }
  const actor = await requireActor(context, res)
  await serve(parts, { actor, context }, readMessage(req), req, res)
}

/** What reaches a procedure has its line from the pipeline; this is for what does not (OWASP ASVS 16.3). */
function logRefusal(
  { runtime }: Pick<CallContext, 'runtime'>,
  { error }: RefusedMessage,
  thrown: unknown,
): void {
  const { code, reason } = error
  const { ip, actor, surface } = requireContext()
  if (code === 'INTERNAL_SERVER_ERROR') runtime.logger.error('message failed', { surface, error: thrown })
  else runtime.logger.info('message refused', { surface, code, reason, actor, ip })
}

/** @throws UNAUTHORIZED, after saying how to log in (RFC 6750, §3) */
async function requireActor(context: CallContext, res: Response): Promise<Actor> {
  const actor = await context.resolveActor()
  if (actor !== null) return actor
  const why = context.credentials.bearer === undefined ? '' : ', error="invalid_token"'
  res.setHeader('WWW-Authenticate', `Bearer realm="plinth"${why}`)
  throw fail('UNAUTHORIZED')
}

async function serve(
  parts: McpParts,
  caller: { readonly actor: Actor; readonly context: CallContext },
  message: McpMessage,
  req: Request,
  res: Response,
): Promise<void> {
  const { actor, context } = caller
  const { logger } = context.runtime
  const count = countMessage(actor, context)
  // What calls procedures is counted by the pipeline, under the limits of what it calls.
  const early = callsProcedures(message, parts) ? undefined : await refusalByLimit(count, message)
  if (early !== undefined) throw early
  const onerror = (error: Error): void => logger.debug('MCP', { error })
  // A handler of its own as well, so that there is nothing two requests could share.
  const scope = { actor, context: { ...context, headers: count.headers }, ...waitingOn(res) }
  const handler = createMcpHandler(() => createMcpServer(parts, scope), { legacy: 'stateless', onerror })
  res.once('close', () => void handler.close())
  const node = toNodeHandler(
    {
      async fetch(request, extra) {
        const response = await sameShape(await handler.fetch(request, extra))
        const late = await refusalByLimit(count, message)
        if (late === undefined) return response
        logRefusal(context, late, late.error)
        return refusalResponse(late)
      },
    },
    { onerror },
  )
  await node(req, res, message.body)
}

/** Counts the message; its refusal when there were too many. */
async function refusalByLimit(count: MessageCount, { id }: McpMessage): Promise<RefusedMessage | undefined> {
  return await count.settle().then(
    () => undefined,
    (thrown: unknown) => new RefusedMessage(rpcCodes.refused, normaliseError(thrown), id),
  )
}

function callsProcedures({ method, tool }: McpMessage, { tools }: McpParts): boolean {
  if (tool !== undefined) return tools.has(tool)
  return method === 'resources/read' || method === 'resources/list'
}

/** How a call that waits treats the request it came in. */
function waitingOn(res: Response): { readonly stopping: AbortSignal; readonly waits: () => void } {
  const stopping = new AbortController()
  return {
    stopping: stopping.signal,
    waits() {
      leavePlace(res)
      endWhenDraining(res, () => stopping.abort(new StreamClosed('server stopping')))
    },
  }
}
