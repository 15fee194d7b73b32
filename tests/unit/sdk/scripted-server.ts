import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** One call of a request; a batch has several. */
export interface ScriptedCall {
  readonly path: string
  readonly input: unknown
  readonly token: string | undefined
  readonly headers: IncomingMessage['headers']
  /** How often this path was called before. */
  readonly earlier: number
}

/** What the server does with a call. */
export type Answer =
  | { readonly data: unknown }
  | {
      readonly code: string
      readonly status: number
      readonly reason?: string
      readonly retryAfterMs?: number
    }
  | 'drop'
  | 'hang'
  | { readonly status: number; readonly page: string }

/** A server that answers as a test says, and remembers what it was asked. */
export interface ScriptedServer extends AsyncDisposable {
  readonly baseUrl: string
  readonly calls: ScriptedCall[]
  /** Number of calls in each request, in order. */
  readonly requests: number[]
}

type Script = (call: ScriptedCall) => Answer | Promise<Answer>
/** Answers a subscription by hand. */
export type StreamScript = (call: ScriptedCall, res: ServerResponse) => void

/** Starts one; calls it has no script for are NOT_FOUND. */
export async function startScriptedServer(
  scripts: Record<string, Script>,
  streams: Record<string, StreamScript> = {},
  atPort = 0,
): Promise<ScriptedServer> {
  const calls: ScriptedCall[] = []
  const requests: number[] = []
  const server = createServer((req, res) => void answer(req, res))

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', 'http://localhost')
    const body = await textOf(req)
    const text = req.method === 'POST' ? body : (url.searchParams.get('input') ?? '')
    const input: unknown = text === '' ? undefined : JSON.parse(text)
    const paths = url.pathname.replace('/trpc/', '').split(',')
    const isBatch = url.searchParams.get('batch') === '1'
    const taken = paths.map((path, index) => {
      const call = {
        path,
        input: isBatch && typeof input === 'object' && input !== null ? Reflect.get(input, index) : input,
        token: /^Bearer (.*)$/.exec(req.headers.authorization ?? '')?.[1],
        headers: req.headers,
        earlier: calls.filter((other) => other.path === path).length,
      }
      calls.push(call)
      return call
    })
    requests.push(paths.length)
    const [first] = taken
    const stream = first === undefined ? undefined : streams[first.path]
    if (first !== undefined && stream !== undefined) return stream(first, res)
    const answers = await Promise.all(taken.map((call) => (scripts[call.path] ?? notFound)(call)))
    send(res, answers, isBatch)
  }

  await new Promise<void>((resolve) => server.listen(atPort, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    calls,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** tRPC's envelope of a failure. */
export function failure(answer: Extract<Answer, { code: string }>): object {
  const { code, status, reason, retryAfterMs } = answer
  const retryable = status === 429 || status === 503
  const data = {
    code,
    httpStatus: status,
    reason,
    retryAfterMs,
    retryable,
    issues: [],
    traceId: 't',
    requestId: 't',
  }
  return { message: code, code: -32_000, data }
}

function notFound(): Answer {
  return { code: 'NOT_FOUND', status: 404 }
}

function send(res: ServerResponse, answers: readonly Answer[], isBatch: boolean): void {
  if (answers.includes('hang')) return
  if (answers.includes('drop')) {
    res.destroy()
    return
  }
  const [only] = answers
  if (typeof only === 'object' && 'page' in only) {
    res.writeHead(only.status, { 'content-type': 'text/html' }).end(only.page)
    return
  }
  const envelopes = answers.map((one) => {
    if (typeof one === 'object' && 'data' in one) return { result: one }
    return typeof one === 'object' && 'code' in one ? { error: failure(one) } : {}
  })
  const status = typeof only === 'object' && 'code' in only && !isBatch ? only.status : 200
  res.writeHead(status, { 'content-type': 'application/json' })
  res.end(JSON.stringify(isBatch ? envelopes : envelopes[0]))
}

async function textOf(req: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of req.setEncoding('utf8')) text += chunk
  return text
}
