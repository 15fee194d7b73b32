import {
  createTRPCUntypedClient,
  httpLink,
  httpSubscriptionLink,
  type Operation,
  splitLink,
  type TRPCUntypedClient,
} from '@trpc/client'
import { EventSource } from 'eventsource'
import { batchPerToken } from './batch-link.ts'
import type { ContractNotice } from './contract-notice.ts'
import type { AppRouter } from './generated/router.ts'
import { CONTRACT_VERSION } from './generated/version.ts'
import type { ClientOptions } from './options.ts'
import { errorInStream } from './stream-error.ts'
import { FetchFailed, isWireError, UnexpectedAnswer } from './to-plinth-error.ts'

/** tRPC's own client under ours. */
export type Transport = TRPCUntypedClient<AppRouter>

/** The server takes 10 calls in a batch; longer URLs are cut by some proxies. */
const MAX_BATCH = 10
const MAX_BATCH_URL = 2_000

/** What a call tells the links about itself. */
export interface CallContext {
  readonly token: string | undefined
  readonly idempotencyKey?: string | undefined
  /** May share a request with others. */
  readonly batch?: boolean
  /** Told why a stream was refused or could not be asked for. */
  readonly refused?: (error: unknown) => void
  /** Told where an opened stream stands, to resume there while it has had no event. */
  readonly opened?: (position: string) => void
}

/** Builds tRPC's client: queries in batches, mutations alone, subscriptions as server-sent events. */
export function createTransport(options: ClientOptions, notice: ContractNotice): Transport {
  const url = `${options.baseUrl.replace(/\/+$/, '')}/trpc`
  const answering = answeringFetch(options, notice)
  const headers = ({ op }: { op: Operation }) => headersOf(options, contextOf(op))
  return createTRPCUntypedClient<AppRouter>({
    links: [
      splitLink({
        condition: (op) => op.type === 'subscription',
        true: httpSubscriptionLink({
          url,
          EventSource,
          eventSourceOptions: ({ op }) => ({ fetch: streamingFetch(options, contextOf(op), notice) }),
        }),
        false: splitLink({
          condition: (op) => contextOf(op).batch === true,
          true: batchPerToken(
            {
              url,
              maxItems: MAX_BATCH,
              maxURLLength: MAX_BATCH_URL,
              fetch: answering,
              headers: ({ opList }) => headersOf(options, contextOf(opList[0])),
            },
            tokenIn,
          ),
          false: httpLink({ url, fetch: answering, headers }),
        }),
      }),
    ],
  })
}

/**
 * Whether a query fits into a batch's URL beside others.
 * @throws TypeError when the input is not JSON
 */
export function isShort(input: unknown): boolean {
  return encodeURIComponent(JSON.stringify(input) ?? '').length < MAX_BATCH_URL / 2
}

function contextOf(op: Operation): CallContext {
  const { idempotencyKey, batch, refused, opened } = op.context
  return {
    token: tokenIn(op.context),
    idempotencyKey: typeof idempotencyKey === 'string' ? idempotencyKey : undefined,
    batch: batch === true,
    ...(isListener(refused) ? { refused } : {}),
    ...(isListener(opened) ? { opened } : {}),
  }
}

function tokenIn({ token }: Record<string, unknown>): string | undefined {
  return typeof token === 'string' ? token : undefined
}

function isListener(value: unknown): value is (said: unknown) => void {
  return typeof value === 'function'
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

async function onTheWay<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw new FetchFailed(error)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Sends a stream's request with the token in a header, and reads why it was refused. */
function streamingFetch(options: ClientOptions, context: CallContext, notice: ContractNotice) {
  const send = options.fetch ?? globalThis.fetch
  return async (url: string | URL, init: { readonly headers: Record<string, string> }): Promise<Response> => {
    const own = await headersOf(options, context).catch((error: unknown) => {
      context.refused?.(error)
      throw error
    })
    const headers = { ...own, ...init.headers }
    const response = await send(url, withCookies(options, { ...init, headers }))
    notice.read(response.headers)
    if (response.status === 200) {
      const position = response.headers.get('x-stream-position')
      if (position !== null) context.opened?.(position)
      return response
    }
    const error = errorInStream(await response.text())
    const refusal = isWireError(error)
      ? error
      : new UnexpectedAnswer(response.status, response.headers.get('retry-after'))
    context.refused?.(refusal)
    return new Response(null, { status: response.status })
  }
}

/** What tRPC and the event source pass to `fetch`. */
type LooseInit = Omit<RequestInit, 'signal'> & { readonly signal?: AbortSignal | null | undefined }

function withCookies(options: ClientOptions, init: LooseInit | undefined): RequestInit {
  const { signal = null, ...rest } = init ?? {}
  return options.cookies === true ? { ...rest, signal, credentials: 'include' } : { ...rest, signal }
}
