import {
  createTRPCUntypedClient,
  httpBatchLink,
  httpLink,
  httpSubscriptionLink,
  type Operation,
  splitLink,
  type TRPCUntypedClient,
} from '@trpc/client'
import { EventSource } from 'eventsource'
import type { AppRouter } from './generated/router.ts'
import type { ClientOptions } from './options.ts'
import { errorInStream } from './stream-error.ts'
import { isWireError, UnexpectedAnswer } from './to-plinth-error.ts'

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
  /** Told the error in the answer to a refused stream. */
  readonly refused?: (error: unknown) => void
  /** Told where an opened stream stands, to resume there while it has had no event. */
  readonly opened?: (position: string) => void
}

/** Builds tRPC's client: queries in batches, mutations alone, subscriptions as server-sent events. */
export function createTransport(options: ClientOptions): Transport {
  const url = `${options.baseUrl.replace(/\/+$/, '')}/trpc`
  const answering = answeringFetch(options)
  const headers = ({ op }: { op: Operation }) => headersOf(options, contextOf(op))
  return createTRPCUntypedClient<AppRouter>({
    links: [
      splitLink({
        condition: (op) => op.type === 'subscription',
        true: httpSubscriptionLink({
          url,
          EventSource,
          eventSourceOptions: ({ op }) => ({ fetch: streamingFetch(options, contextOf(op)) }),
        }),
        false: splitLink({
          condition: (op) => contextOf(op).batch === true,
          true: httpBatchLink({
            url,
            maxItems: MAX_BATCH,
            maxURLLength: MAX_BATCH_URL,
            fetch: answering,
            headers: ({ opList }) => headersOf(options, contextOf(opList[0])),
          }),
          false: httpLink({ url, fetch: answering, headers }),
        }),
      }),
    ],
  })
}

/** Whether a query fits into a batch's URL beside others. */
export function isShort(input: unknown): boolean {
  return encodeURIComponent(JSON.stringify(input) ?? '').length < MAX_BATCH_URL / 2
}

function contextOf(op: Operation): CallContext {
  const { token, idempotencyKey, batch, refused, opened } = op.context
  return {
    token: typeof token === 'string' ? token : undefined,
    idempotencyKey: typeof idempotencyKey === 'string' ? idempotencyKey : undefined,
    batch: batch === true,
    ...(isListener(refused) ? { refused } : {}),
    ...(isListener(opened) ? { opened } : {}),
  }
}

function isListener(value: unknown): value is (said: unknown) => void {
  return typeof value === 'function'
}

async function headersOf(options: ClientOptions, context: CallContext): Promise<Record<string, string>> {
  const { headers } = options
  const own = typeof headers === 'function' ? await headers() : headers
  return {
    ...own,
    ...(options.cookies === true ? { 'x-plinth-cookies': '1' } : {}),
    ...(context.token === undefined ? {} : { authorization: `Bearer ${context.token}` }),
    ...(context.idempotencyKey === undefined ? {} : { 'idempotency-key': context.idempotencyKey }),
  }
}

/** Refuses what is not JSON before tRPC fails on it, so that its status is not lost. */
function answeringFetch(options: ClientOptions) {
  const send = options.fetch ?? globalThis.fetch
  return async (url: string | URL | Request, init?: LooseInit): Promise<Response> => {
    const response = await send(url, withCookies(options, init))
    if (response.headers.get('content-type')?.includes('json') === true) return response
    await response.body?.cancel()
    throw new UnexpectedAnswer(response.status, response.headers.get('retry-after'))
  }
}

/** Sends a stream's request with the token in a header, and reads why it was refused. */
function streamingFetch(options: ClientOptions, context: CallContext) {
  const send = options.fetch ?? globalThis.fetch
  return async (url: string | URL, init: { readonly headers: Record<string, string> }): Promise<Response> => {
    const headers = { ...(await headersOf(options, context)), ...init.headers }
    const response = await send(url, withCookies(options, { ...init, headers }))
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
