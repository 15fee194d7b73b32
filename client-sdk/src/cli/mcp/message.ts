import { isRecord } from '../records.ts'

/** What identifies a request. */
export type MessageId = string | number

/** One JSON-RPC message of a client. */
export interface ClientMessage {
  /** Undefined where no answer is awaited. */
  readonly id: MessageId | undefined
  readonly method: string
  readonly params: Record<string, unknown>
  /** The whole of it. */
  readonly body: Record<string, unknown>
}

/** JSON-RPC's codes, and the one for "the server says no". */
export const rpcCodes = { parse: -32_700, invalidRequest: -32_600, refused: -32_000 } as const

/** The message in a line, or undefined when there is none: the server would not take it either. */
export function messageIn(line: string): ClientMessage | undefined {
  const body = parsed(line)
  if (!isRecord(body) || typeof body.method !== 'string') return undefined
  const { id, method, params } = body
  return {
    id: typeof id === 'string' || typeof id === 'number' ? id : undefined,
    method,
    params: isRecord(params) ? params : {},
    body,
  }
}

/** An error as the answer to the request `id`, in one line. */
export function errorLine(
  id: MessageId | undefined,
  code: number,
  message: string,
  data?: Record<string, unknown>,
): string {
  const error = data === undefined ? { code, message } : { code, message, data }
  return JSON.stringify({ jsonrpc: '2.0', id: id ?? null, error })
}

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion'
const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/
const ENCODED = '=?base64?'

/**
 * The headers that say of a message what proxies want to know (SEP-2243): all three for the revisions in which each
 * request says all of itself, the version that was agreed on for those before.
 */
export function mcpHeaders(
  { id, method, params }: ClientMessage,
  agreed: string | undefined,
): Record<string, string> {
  const meta = params._meta
  const version = isRecord(meta) ? meta[VERSION_KEY] : undefined
  if (typeof version !== 'string') return agreed === undefined ? {} : { 'mcp-protocol-version': agreed }
  const name = params.name ?? params.uri
  return {
    'mcp-protocol-version': headerOf(version),
    'mcp-method': headerOf(method),
    ...(id === undefined || typeof name !== 'string' ? {} : { 'mcp-name': headerOf(name) }),
  }
}

/** Texts that cannot stand in a header are encoded as the protocol says. */
function headerOf(text: string): string {
  if (PLAIN.test(text) && !text.startsWith(ENCODED)) return text
  return `${ENCODED}${Buffer.from(text).toString('base64')}?=`
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
