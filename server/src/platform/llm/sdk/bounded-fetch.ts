import { limitBody } from '../../outbound/index.ts'

/** More of what a vendor says when it refuses is not kept anyway. */
const MAX_REFUSAL_BYTES = 65_536

/** The answer is a web page: of a proxy, a log-in, or the wrong address. */
class WebPageError extends Error {
  override readonly name = 'WebPageError'

  constructor() {
    super('A web page came where an answer was expected')
  }
}

/** A `fetch` for one call, whose answer may have so many bytes. */
export function boundedFetch(fetch: typeof globalThis.fetch, maxBytes: number): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    if (!response.ok) return limitBody(response, MAX_REFUSAL_BYTES)
    if (response.headers.get('content-type')?.startsWith('text/html') === true) {
      await response.body?.cancel()
      throw new WebPageError()
    }
    return limitBody(response, maxBytes)
  }
}
