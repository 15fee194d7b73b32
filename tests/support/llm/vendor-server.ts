import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { ZodError } from 'zod'
import { geminiEmbeddings, hashedVector, openaiEmbeddings } from './embed.ts'
import { type EmbedQuestion, type EmbedScript, type Question, type Script, saying } from './script.ts'
import { anthropicMessages } from './wire/anthropic.ts'
import { geminiContent } from './wire/gemini.ts'
import { openaiChat } from './wire/openai-chat.ts'
import { openaiResponses } from './wire/openai-responses.ts'
import type { WireFormat } from './wire/wire-format.ts'
import { type Wire, writeAnswer, writeResponse } from './write-answer.ts'

/** Who the server plays; each has a base URL of its own. */
export type Vendor = 'openai' | 'anthropic' | 'gemini' | 'compatible'

/** A request as it came in. */
export interface VendorRequest {
  readonly vendor: Vendor | undefined
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** The key it came with, wherever this vendor expects one. */
  readonly key: string | undefined
  readonly body: string
  /** What a model was asked, if this was a question. */
  readonly question: Question | undefined
  /** What was to become vectors. */
  readonly embed: EmbedQuestion | undefined
  /** `performance.now()` of when it came. */
  readonly at: number
  /** `performance.now()` of when the client left before the answer had ended. */
  leftAt: number | undefined
  /** Whether the whole answer was written. */
  ended: boolean
}

/** A local server that speaks OpenAI's, Anthropic's and Gemini's interface and says what a test tells it to. */
export interface VendorServer extends AsyncDisposable {
  readonly origin: string
  readonly urls: Readonly<Record<Vendor, string>>
  readonly requests: readonly VendorRequest[]
  /** The requests that asked a chat model. */
  questions(): readonly (VendorRequest & { readonly question: Question })[]
  /** What models answer from now on. */
  answer(script: Script): void
  embed(script: EmbedScript): void
  /** Makes vectors again, of the size that the model has. */
  embedAsUsual(): void
  /** Environment of a Plinth server whose models are here, each with the key {@link vendorKey}. */
  variables(defaultProvider?: 'openai' | 'anthropic' | 'gemini' | 'openai-compatible'): Record<string, string>
}

/** The platform's key of a vendor, as {@link VendorServer.variables} sets it. */
export function vendorKey(vendor: Vendor): string {
  return `platform-key-of-${vendor}-8Zq1`
}

/** The chat model that {@link VendorServer.variables} names. */
export const COMPATIBLE_MODEL = 'stub-large'

/** Starts a {@link VendorServer}. */
export async function startVendorServer(options: { readonly port?: number } = {}): Promise<VendorServer> {
  const requests: VendorRequest[] = []
  const scripts: { answer: Script; embed: EmbedScript } = {
    answer: saying('An answer from the vendor.'),
    embed: usualVectors,
  }
  const counts = { asked: 0, embedded: 0 }
  const server = createServer((request, response) => {
    void serve(request, response).catch(() => response.destroy())
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrived = readRequest(request, await bodyOf(request))
    requests.push(arrived)
    const left = new AbortController()
    response.once('close', () => {
      arrived.ended = response.writableFinished
      if (response.writableFinished) return
      arrived.leftAt = performance.now()
      left.abort()
    })
    const wire: Wire = { response, gone: left.signal }
    const format = formatOf(arrived)
    if (format !== undefined && arrived.question !== undefined) {
      await writeAnswer(wire, format, arrived.question, scripts.answer(arrived.question, counts.asked++))
    } else if (arrived.embed !== undefined) {
      await writeVectors(wire, arrived, scripts.embed(arrived.embed, counts.embedded++))
    } else if (arrived.method === 'GET' && arrived.path.endsWith('/models')) {
      await writeResponse(wire, { status: 200, body: JSON.stringify(MODELS) })
    } else {
      const status = format === undefined ? 404 : 400
      const body = (format ?? openaiChat).error(status, 'This is not how it is asked.')
      await writeResponse(wire, { status, body: JSON.stringify(body) })
    }
  }

  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  const origin = `http://127.0.0.1:${port}`
  const urls = {
    openai: `${origin}/openai/v1`,
    anthropic: `${origin}/anthropic/v1`,
    gemini: `${origin}/gemini/v1beta`,
    compatible: `${origin}/compatible/v1`,
  }
  return {
    origin,
    urls,
    requests,
    questions: () => requests.filter(isQuestion),
    answer(script) {
      scripts.answer = script
    },
    embed(script) {
      scripts.embed = script
    },
    embedAsUsual() {
      scripts.embed = usualVectors
    },
    variables: (defaultProvider = 'openai-compatible') => ({
      OPENAI_BASE_URL: urls.openai,
      OPENAI_API_KEY: vendorKey('openai'),
      ANTHROPIC_BASE_URL: urls.anthropic,
      ANTHROPIC_API_KEY: vendorKey('anthropic'),
      GEMINI_BASE_URL: urls.gemini,
      GEMINI_API_KEY: vendorKey('gemini'),
      OPENAI_COMPATIBLE_BASE_URL: urls.compatible,
      OPENAI_COMPATIBLE_API_KEY: vendorKey('compatible'),
      OPENAI_COMPATIBLE_MODELS: COMPATIBLE_MODEL,
      DEFAULT_LLM_PROVIDER: defaultProvider,
    }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** How many numbers the vectors of known models have. */
const DIMENSIONS: Readonly<Record<string, number>> = {
  'text-embedding-3-small': 1_536,
  'text-embedding-3-large': 3_072,
  'gemini-embedding-001': 3_072,
}

const usualVectors: EmbedScript = ({ model, texts, dimensions }) => ({
  vectors: texts.map((text) => hashedVector(text, dimensions ?? DIMENSIONS[model])),
})

/** Fits the list of every vendor: OpenAI's and Anthropic's `data`, Gemini's `models`. */
const MODELS = {
  object: 'list',
  data: [{ id: COMPATIBLE_MODEL, object: 'model', type: 'model', display_name: COMPATIBLE_MODEL }],
  models: [{ name: `models/${COMPATIBLE_MODEL}`, supportedGenerationMethods: ['generateContent'] }],
}

function isQuestion(request: VendorRequest): request is VendorRequest & { readonly question: Question } {
  return request.question !== undefined
}

async function writeVectors(
  wire: Wire,
  { vendor, path, embed }: VendorRequest,
  said: ReturnType<EmbedScript>,
) {
  if (embed === undefined) return
  if ('vectors' in said) {
    const body =
      vendor === 'gemini'
        ? geminiEmbeddings.write(said.vectors, path)
        : openaiEmbeddings.write(embed, said.vectors)
    return await writeResponse(wire, { status: 200, body })
  }
  const question: Question = { ...NO_QUESTION, model: embed.model }
  await writeAnswer(wire, openaiChat, question, said)
}

const NO_QUESTION: Question = { model: '', messages: [], tools: [], maxOutputTokens: 0, streamed: false }

function readRequest(request: IncomingMessage, body: string): VendorRequest {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://vendor')
  const vendor = (['openai', 'anthropic', 'gemini', 'compatible'] as const).find((name) =>
    pathname.startsWith(`/${name}/`),
  )
  const path = pathname.replace(/^\/[a-z]+\/(v1beta|v1)/, '')
  const { headers } = request
  const arrived = { vendor, path }
  return {
    vendor,
    method: request.method ?? '',
    path,
    headers,
    key:
      headers.authorization?.replace(/^Bearer /, '') ??
      first(headers['x-api-key']) ??
      first(headers['x-goog-api-key']) ??
      searchParams.get('key') ??
      undefined,
    body,
    question: attempt(() => formatOf(arrived)?.read(JSON.parse(body), path)),
    embed: attempt(() => readTexts(arrived, body)),
    at: performance.now(),
    leftAt: undefined,
    ended: false,
  }
}

function formatOf({ vendor, path }: Pick<VendorRequest, 'vendor' | 'path'>): WireFormat | undefined {
  if (vendor === undefined) return undefined
  if (vendor === 'anthropic') return path === '/messages' ? anthropicMessages : undefined
  if (vendor === 'gemini') return /:(generate|streamGenerate)Content$/.test(path) ? geminiContent : undefined
  if (path === '/responses' && vendor === 'openai') return openaiResponses
  return path === '/chat/completions' ? openaiChat : undefined
}

function readTexts({ vendor, path }: Pick<VendorRequest, 'vendor' | 'path'>, body: string) {
  if (vendor === 'gemini' && /:(embedContent|batchEmbedContents)$/.test(path)) {
    return geminiEmbeddings.read(JSON.parse(body), path)
  }
  return path === '/embeddings' && vendor !== 'anthropic'
    ? openaiEmbeddings.read(JSON.parse(body))
    : undefined
}

/** What a vendor would answer 400 to is no question. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof ZodError || error instanceof SyntaxError) return undefined
    throw error
  }
}

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
