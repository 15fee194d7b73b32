import type { Cli } from '../cli.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { forward, type McpTarget } from '../mcp/forward.ts'
import { linesOf } from '../mcp/lines.ts'
import { errorLine, type MessageId, messageIn, rpcCodes } from '../mcp/message.ts'
import { watchedFetch } from '../procedure/watched-fetch.ts'
import { headersOf } from '../request-headers.ts'

/** More than the server takes. */
const MOST_LINE_BYTES = 16 * 1_024 * 1_024
/** Requests on their way at once; more wait to be read. */
const MOST_AT_ONCE = 64
/** How long answers may take after the input has ended. */
const LINGER_MS = 10_000

/**
 * `plinth mcp`: MCP over standard input and output, for clients that start a program. Every message goes to `/mcp` of the
 * server as it is, with the profile's credential; what it means is the server's to know. Ends with its input.
 */
export async function mcp(cli: Cli): Promise<ExitCode> {
  const { terminal } = cli
  const { baseUrl } = await cli.settings()
  const { runtime, hasCredentials } = await cli.connect()
  if (!hasCredentials) {
    throw new Failure(
      exitCodes.notLoggedIn,
      `Nobody is logged in to ${baseUrl}.`,
      'Log in with: plinth login, or set PLINTH_API_KEY.',
    )
  }
  const target: McpTarget = {
    baseUrl,
    session: runtime.session,
    headers: headersOf(cli.version),
    fetch: cli.flags.verbose ? watchedFetch(terminal) : globalThis.fetch,
    agreed: undefined,
  }
  const ended = new AbortController()
  const underWay = new Set<Promise<void>>()
  const byId = new Map<MessageId, AbortController>()
  const write = (line: string): Promise<void> => terminal.write(`${line}\n`)

  const take = async (line: string | undefined): Promise<void> => {
    const message = line === undefined ? undefined : messageIn(line)
    if (message === undefined) {
      const problem = line === undefined ? 'The message is too long.' : 'This is no JSON-RPC message.'
      return await write(errorLine(undefined, rpcCodes.invalidRequest, problem))
    }
    const { id, method, params } = message
    if (method === 'notifications/cancelled') {
      // The server knows by the connection, which is this request's alone.
      const { requestId } = params
      if (typeof requestId === 'string' || typeof requestId === 'number') byId.get(requestId)?.abort()
      return
    }
    const cancelled = new AbortController()
    if (id !== undefined) byId.set(id, cancelled)
    const work = forward(target, message, AbortSignal.any([cancelled.signal, ended.signal]), write).finally(
      () => {
        underWay.delete(work)
        if (id !== undefined && byId.get(id) === cancelled) byId.delete(id)
      },
    )
    underWay.add(work)
    // The version is agreed on before anything else is said.
    if (method === 'initialize') await work
    else if (underWay.size >= MOST_AT_ONCE) await Promise.race(underWay)
  }

  terminal.signal.addEventListener('abort', () => ended.abort(), { once: true })
  for await (const line of linesOf(terminal.input(), MOST_LINE_BYTES)) await take(line)
  const timer = setTimeout(() => ended.abort(), LINGER_MS)
  await Promise.all(underWay)
  clearTimeout(timer)
  return exitCodes.ok
}
