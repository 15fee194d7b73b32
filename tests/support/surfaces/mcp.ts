import { AsyncLocalStorage } from 'node:async_hooks'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { type RegistryEntry, takesFile } from '../../../server/src/contract/registry.ts'
import { field } from '../http.ts'
import { headersOf, refusalOf } from './outcome.ts'
import { refusedStream } from './refused-stream.ts'
import type { CallAs, Outcome, Surface, SurfaceEvent } from './surface.ts'

/** One call on its way through the client. */
interface Exchange {
  readonly headers: Record<string, string>
  /** The last body the server sent. */
  heard: { readonly status: number; readonly text: string } | undefined
}

const REVISION = '2026-07-28'

/**
 * The official client of the Model Context Protocol. One for all: no message of this revision needs another before it, so
 * each brings the credential of its own caller.
 *
 * @param token of somebody who may connect
 */
export async function mcpSurface(baseUrl: string, token: string | undefined): Promise<Surface> {
  const exchanges = new AsyncLocalStorage<Exchange>()
  const client = new Client(
    { name: 'parity', version: '1' },
    { versionNegotiation: { mode: { pin: REVISION } } },
  )
  const fetchAs: typeof fetch = async (url, init) => {
    const exchange = exchanges.getStore()
    const headers = new Headers(init?.headers)
    for (const [name, value] of Object.entries(exchange?.headers ?? headersOf({ token })))
      headers.set(name, value)
    const response = await fetch(url, { ...init, headers })
    if (exchange !== undefined && !response.ok)
      exchange.heard = { status: response.status, text: await response.clone().text() }
    return response
  }
  await client.connect(new StreamableHTTPClientTransport(new URL(`${baseUrl}/mcp`), { fetch: fetchAs }))

  const callTool = (tool: string, args: object, as: CallAs): Promise<Outcome> => {
    const { idempotencyKey, ...rest } = as
    const exchange: Exchange = { headers: headersOf(rest), heard: undefined }
    const meta = idempotencyKey === undefined ? {} : { _meta: { 'plinth/idempotencyKey': idempotencyKey } }
    const call = () => client.callTool({ name: tool, arguments: { ...args }, ...meta })
    return exchanges.run(exchange, call).then(outcomeOf, (thrown: unknown) => refusalIn(exchange, thrown))
  }

  return {
    name: 'mcp',
    recordedAs: 'mcp',
    serves: ({ policy }) => policy.surfaces?.mcp !== false,
    async call(entry, input, as) {
      const name = entry.path.replaceAll('.', '_')
      const args = await argumentsOf(entry, input)
      if (entry.policy.surfaces?.mcp === 'listed') return callTool(name, args, as)
      const outcome = await callTool('call_procedure', { name, arguments: args }, as)
      return outcome.error === undefined ? { ...outcome, data: field(outcome.data, 'result') } : outcome
    },
    async watch(entry, input, as, lastEventId) {
      const events: SurfaceEvent[] = []
      const closed = new AbortController()
      let last = lastEventId
      const wait = async (waitSeconds: number): Promise<boolean> => {
        const from = last === undefined ? {} : { lastEventId: last }
        const name = entry.path.replaceAll('.', '_')
        const outcome = await callTool(
          'wait_for_events',
          { name, arguments: input, waitSeconds, ...from },
          as,
        )
        if (outcome.error !== undefined) throw refusedStream(outcome)
        const came = field(outcome.data, 'events')
        if (Array.isArray(came)) events.push(...came)
        last = String(field(outcome.data, 'lastEventId'))
        return field(outcome.data, 'ended') !== true
      }
      const goes = await wait(1)
      const following = (async () => {
        for (let more = goes; more && !closed.signal.aborted; ) more = await wait(1)
      })()
      return {
        events,
        async [Symbol.asyncDispose]() {
          closed.abort()
          await following
        },
      }
    },
    [Symbol.asyncDispose]: () => client.close(),
  }
}

/** Files travel inside the message. */
async function argumentsOf(entry: RegistryEntry, input: unknown): Promise<object> {
  const args: Record<string, unknown> = { ...Object(input) }
  const { file } = args
  if (!takesFile(entry) || !(file instanceof File)) return args
  const bytes = Buffer.from(await file.arrayBuffer())
  return { ...args, file: { name: file.name, base64: bytes.toString('base64') } }
}

function outcomeOf(result: Awaited<ReturnType<Client['callTool']>>): Outcome {
  const { _meta: meta, content, structuredContent, isError } = result
  const error = field(meta, 'plinth/error')
  return {
    status: 200,
    data: isError === true ? undefined : structuredContent,
    error: isError === true ? refusalOf(error, field(error, 'message')) : undefined,
    traceId: String(field(meta, 'plinth/traceId')),
    replayed: field(meta, 'plinth/idempotencyReplayed') === true,
    text: JSON.stringify({ content, structuredContent, error }),
  }
}

/** What the server said to a message that it did not let in. */
function refusalIn({ heard }: Exchange, thrown: unknown): Outcome {
  if (heard === undefined) throw thrown
  const error = field(JSON.parse(heard.text), 'error')
  const data = field(error, 'data')
  return {
    status: heard.status,
    data: undefined,
    error: refusalOf(data, field(error, 'message')),
    traceId: String(field(data, 'traceId')),
    replayed: undefined,
    text: heard.text,
  }
}
