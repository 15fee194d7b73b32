import type { Operation, OperationLink } from '@trpc/client'
import { httpLink } from '@trpc/client/links/httpLink'
import { batchPerToken } from './batch-link.ts'
import type { ContractNotice } from './contract-notice.ts'
import type { AppRouter } from './generated/router.ts'
import { CONTRACT_VERSION } from './generated/version.ts'
import type { ClientOptions } from './options.ts'
import { onTheWay, UnexpectedAnswer } from './to-plinth-error.ts'

/** Sends queries and mutations, each once. What they fail with is for `toPlinthError`. */
export interface Transport {
  query(path: string, input: unknown, options: SendOptions): Promise<unknown>
  mutation(path: string, input: unknown, options: SendOptions): Promise<unknown>
}

/** What goes with one call. */
export interface SendOptions {
  readonly signal: AbortSignal
  readonly context: CallContext
}

/** The server takes 10 calls in a batch; longer URLs are cut by some proxies. */
const MAX_BATCH = 10
const MAX_BATCH_URL = 2_000

/** What a call tells the links about itself. */
export interface CallContext {
  readonly token: string | undefined
  readonly idempotencyKey?: string | undefined
  /** May share a request with others. */
  readonly batch?: boolean
}

/**
 * Sends over tRPC's links: queries in batches, mutations alone. The links are called without tRPC's client around them,
 * which brings WebSockets and its own event streams into every page.
 */
export function createTransport(options: ClientOptions, notice: ContractNotice): Transport {
  const url = trpcUrl(options)
  const fetch = answeringFetch(options, notice)
  const headersFor = (op: Operation | undefined) => headersOf(options, contextOf(op?.context ?? {}))
  const alone = httpLink<AppRouter>({ url, fetch, headers: ({ op }) => headersFor(op) })({})
  const batched = batchPerToken(
    {
      url,
      maxItems: MAX_BATCH,
      maxURLLength: MAX_BATCH_URL,
      fetch,
      headers: ({ opList }) => headersFor(opList[0]),
    },
    tokenIn,
  )({})
  const send =
    (type: 'query' | 'mutation') =>
    (path: string, input: unknown, { signal, context }: SendOptions): Promise<unknown> =>
      through(context.batch === true ? batched : alone, {
        type,
        path,
        input,
        signal,
        context: { ...context },
      })
  return { query: send('query'), mutation: send('mutation') }
}

/** Where the server takes calls. */
export function trpcUrl({ baseUrl }: ClientOptions): string {
  // Whoever writes JavaScript is told by nobody else.
  if (typeof baseUrl !== 'string') throw new TypeError('Give createClient the `baseUrl` of the server.')
  return `${baseUrl.replace(/\/+$/, '')}/trpc`
}

function through(link: OperationLink<AppRouter>, call: Omit<Operation, 'id'>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const next = (): never => {
      throw new TypeError('Nothing comes after the last link.')
    }
    link({ op: { id: 0, ...call }, next }).subscribe({
      next: ({ result }) => resolve('data' in result ? result.data : undefined),
      error: reject,
    })
  })
}

/**
 * Whether a query fits into a batch's URL beside others.
 * @throws TypeError when the input is not JSON
 */
export function isShort(input: unknown): boolean {
  return encodeURIComponent(JSON.stringify(input) ?? '').length < MAX_BATCH_URL / 2
}

function contextOf(context: Record<string, unknown>): CallContext {
  const { idempotencyKey } = context
  return {
    token: tokenIn(context),
    idempotencyKey: typeof idempotencyKey === 'string' ? idempotencyKey : undefined,
  }
}

function tokenIn({ token }: Record<string, unknown>): string | undefined {
  return typeof token === 'string' ? token : undefined
}

/** The headers of a call, those of the program first. */
export async function headersOf(
  options: ClientOptions,
  context: CallContext,
): Promise<Record<string, string>> {
  const { headers } = options
  const own = typeof headers === 'function' ? await headers() : headers
  return {
    ...own,
    'x-plinth-contract': CONTRACT_VERSION,
    ...(options.cookies === true ? { 'x-plinth-cookies': '1' } : {}),
    ...(context.token === undefined ? {} : { authorization: `Bearer ${context.token}` }),
    ...(context.idempotencyKey === undefined ? {} : { 'idempotency-key': context.idempotencyKey }),
  }
}

/** Tells failures of the connection from all others, and refuses what is not JSON before tRPC loses its status. */
function answeringFetch(options: ClientOptions, notice: ContractNotice) {
  const send = options.fetch ?? globalThis.fetch
  return async (url: string | URL | Request, init?: LooseInit) => {
    const response = await onTheWay(send(url, withCookies(options, init)))
    const { ok, status, headers } = response
    notice.read(headers)
    const text = await onTheWay(response.text())
    const answer = headers.get('content-type')?.includes('json') === true ? parsed(text) : undefined
    if (answer === undefined) throw new UnexpectedAnswer(status, headers.get('retry-after'))
    return { ok, status, json: async () => answer }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What is passed to `fetch`; tRPC has its own type for signals. */
type LooseInit = Omit<RequestInit, 'signal'> & { readonly signal?: AbortSignal | null | undefined }

/** Has the browser send its cookies along in cookie mode. */
export function withCookies(options: ClientOptions, init: LooseInit | undefined): RequestInit {
  const { signal = null, ...rest } = init ?? {}
  return options.cookies === true ? { ...rest, signal, credentials: 'include' } : { ...rest, signal }
}
