import { Client, type ClientOptions, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { type Answer, field, send } from './http.ts'
import type { TestServer } from './server.ts'

/** The two generations of the protocol: with a request that says all of itself, and with a handshake before. */
export const eras = ['2026-07-28', '2025-11-25'] as const
/** One of {@link eras}. */
export type Era = (typeof eras)[number]

/** How a test's client differs from the ordinary. */
export interface McpClientOptions {
  readonly era?: Era
  readonly headers?: Record<string, string>
  readonly client?: ClientOptions
}

/** The official client, connected; `await using` closes it. */
export async function connectMcp(
  server: Pick<TestServer, 'baseUrl'>,
  token: string | undefined,
  { era = '2026-07-28', headers = {}, client: options = {} }: McpClientOptions = {},
): Promise<Client & AsyncDisposable> {
  const mode = era === '2026-07-28' ? { pin: era } : ('legacy' as const)
  const client = new Client(
    { name: 'plinth-tests', version: '1' },
    { ...options, versionNegotiation: { mode } },
  )
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${server.baseUrl}/mcp`), {
      requestInit: { headers: { ...authorization, ...headers } },
    }),
  )
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() })
}

/** What names a request of the newest revision. */
export const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
} as const

/** One message by hand: a body as it is, or a request of the newest revision. */
export function postMcp(
  server: Pick<TestServer, 'baseUrl'>,
  message: unknown,
  {
    token,
    headers = {},
  }: { readonly token?: string | undefined; readonly headers?: Record<string, string> } = {},
): Promise<Answer> {
  return send(`${server.baseUrl}/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headersOf(message),
      ...headers,
    },
    body: typeof message === 'string' ? message : JSON.stringify(message),
  })
}

/** A request of the newest revision. */
export function request(method: string, params: Record<string, unknown> = {}, id: unknown = 1) {
  return { jsonrpc: '2.0', id, method, params: { ...params, _meta: ENVELOPE } }
}

/** A call of a tool. */
export function toolCall(name: string, args: Record<string, unknown> = {}, id: unknown = 1) {
  return request('tools/call', { name, arguments: args }, id)
}

function headersOf(message: unknown): Record<string, string> {
  if (typeof message !== 'object' || message === null || !('method' in message)) return {}
  const { method } = message
  const params = field(message, 'params')
  const name = field(params, 'name') ?? field(params, 'uri')
  return {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': String(method),
    ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
  }
}
