import type { Session } from '../../session.ts'
import { isRecord } from '../records.ts'
import { eventsOf } from './events.ts'
import { type ClientMessage, errorLine, mcpHeaders, rpcCodes } from './message.ts'

/** Where messages go. */
export interface McpTarget {
  /** Of the server, without `/mcp`. */
  readonly baseUrl: string
  readonly session: Session
  readonly headers: Record<string, string>
  readonly fetch: typeof globalThis.fetch
  /** The version that an `initialize` agreed on. */
  agreed: string | undefined
}

/** Longer than any call that the server lets wait. */
const MOST_MS = 120_000

/**
 * Sends a message and passes on what comes back, a line each. A failure is the answer to the request, so that the client
 * can go on: nothing is kept between messages, and the next one finds a server that is there again.
 */
export async function forward(
  target: McpTarget,
  message: ClientMessage,
  signal: AbortSignal,
  write: (line: string) => Promise<void>,
): Promise<void> {
  const answer = async (line: string): Promise<void> => {
    if (message.id !== undefined && !signal.aborted) await write(line)
  }
  try {
    const response = await sent(target, message, AbortSignal.any([signal, AbortSignal.timeout(MOST_MS)]))
    const type = response.headers.get('content-type') ?? ''
    if (response.ok && type.startsWith('text/event-stream') && response.body !== null) {
      for await (const data of eventsOf(response.body)) await answer(lineOf(target, message, data))
      return
    }
    const text = await response.text()
    if (response.status === 202 || text === '') return
    await answer(response.ok ? lineOf(target, message, text) : refusal(message, response.status, text))
  } catch (error) {
    const timedOut = error instanceof Error && error.name === 'TimeoutError'
    const told = timedOut ? 'did not answer in time' : 'does not answer'
    await answer(
      errorLine(message.id, rpcCodes.refused, `The server at ${target.baseUrl} ${told}; try again.`, {
        code: timedOut ? 'TIMEOUT' : 'NETWORK_ERROR',
        retryable: true,
      }),
    )
  }
}

/** The server's response; a token that has ended is renewed once. */
async function sent(target: McpTarget, message: ClientMessage, signal: AbortSignal): Promise<Response> {
  const { baseUrl, session } = target
  const post = (token: string | undefined): Promise<Response> =>
    target.fetch(`${baseUrl}/mcp`, {
      method: 'POST',
      signal,
      // A credential goes to no other address than the one it was given for.
      redirect: 'error',
      headers: {
        ...target.headers,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...mcpHeaders(message, target.agreed),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(message.body),
    })
  const token = await session.accessToken()
  const response = await post(token)
  if (response.status !== 401) return response
  const renewed = await session.renew(token)
  if (renewed === undefined) return response
  await response.body?.cancel()
  return await post(renewed)
}

/** The server's own error, as the answer to this request. */
function refusal(message: ClientMessage, status: number, text: string): string {
  const body = parsed(text)
  const error = isRecord(body) && isRecord(body.error) ? body.error : {}
  const code = typeof error.code === 'number' ? error.code : rpcCodes.refused
  const told = typeof error.message === 'string' ? error.message : `The server answered with ${status}.`
  const hint = status === 401 ? ' Log in with: plinth login' : ''
  return errorLine(message.id, code, `${told}${hint}`, isRecord(error.data) ? error.data : undefined)
}

/** A message of the server in one line; what `initialize` agrees on is remembered. */
function lineOf(target: McpTarget, message: ClientMessage, text: string): string {
  const body = parsed(text)
  if (!isRecord(body)) {
    const told = `What answers at ${target.baseUrl}/mcp is no MCP server; is the address right?`
    return errorLine(message.id, rpcCodes.refused, told, { code: 'BAD_RESPONSE', retryable: false })
  }
  const { result } = body
  if (isRecord(result) && typeof result.protocolVersion === 'string') target.agreed = result.protocolVersion
  return JSON.stringify(body)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
