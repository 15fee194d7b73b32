/** What a server said when it was asked for its contract. */
export type Fetched =
  | { readonly kind: 'same' }
  | { readonly kind: 'fresh'; readonly etag: string; readonly document: unknown }
  /** It says that there is nothing: it is no Plinth server, an older one, or shows it to those who are logged in. */
  | { readonly kind: 'hidden' }
  | { readonly kind: 'unreachable'; readonly why: string }

/** How to ask. */
export interface FetchContractOptions {
  readonly baseUrl: string
  readonly etag: string | undefined
  readonly token: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** A server has a few hundred procedures; one that sends more than this is not one of ours. */
const MAX_BYTES = 32 * 1024 * 1024

/** Asks a server for `/contract.json`. Never throws. */
export async function fetchContract(options: FetchContractOptions): Promise<Fetched> {
  const { baseUrl, etag, token, timeoutMs } = options
  try {
    const response = await fetch(`${baseUrl}/contract.json`, {
      headers: {
        ...options.headers,
        accept: 'application/json',
        ...(etag === undefined ? {} : { 'if-none-match': etag }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      // The token is for this server alone.
      redirect: 'error',
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)]),
    })
    if (response.status === 304) return { kind: 'same' }
    const tag = response.headers.get('etag')
    const text = await response.text()
    if (response.status !== 200 || tag === null || text.length > MAX_BYTES)
      return response.status >= 500 || response.status === 429
        ? { kind: 'unreachable', why: `it answered with status ${response.status}` }
        : { kind: 'hidden' }
    return { kind: 'fresh', etag: tag, document: JSON.parse(text) }
  } catch (error) {
    return { kind: 'unreachable', why: innermost(error) }
  }
}

function innermost(thrown: unknown): string {
  let error = thrown
  while (error instanceof Error && error.cause instanceof Error && error.cause.message !== '')
    error = error.cause
  return error instanceof Error ? error.message : String(error)
}
