/** A `fetch` that keeps cookies as a browser does for one site, and says which page it is on. */
export interface CookieJar {
  readonly fetch: typeof globalThis.fetch
  /** The cookies by name, with their attributes in lower case. */
  readonly cookies: ReadonlyMap<string, { readonly value: string; readonly attributes: readonly string[] }>
}

/** A jar for pages of `origin`. Sends cookies only where `credentials: 'include'` was asked for. */
export function createCookieJar(origin: string): CookieJar {
  const cookies = new Map<string, { value: string; attributes: string[] }>()
  return {
    cookies,
    async fetch(input, init) {
      const request = new Request(input, init)
      const included = init?.credentials === 'include'
      request.headers.set('origin', origin)
      if (included) {
        const { pathname } = new URL(request.url)
        const sent = [...cookies].filter(([, { attributes }]) => pathname.startsWith(pathOf(attributes)))
        if (sent.length > 0) {
          request.headers.set('cookie', sent.map(([name, { value }]) => `${name}=${value}`).join('; '))
        }
      }
      const response = await globalThis.fetch(request)
      if (included) for (const line of response.headers.getSetCookie()) keep(line)
      return response
    },
  }

  function keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
    const [name = '', value = ''] = pair.split(/=(.*)/s)
    const lower = attributes.map((attribute) => attribute.toLowerCase())
    const gone =
      lower.includes('max-age=0') || lower.some((text) => text.startsWith('expires=thu, 01 jan 1970'))
    if (gone || value === '') cookies.delete(name)
    else cookies.set(name, { value, attributes: lower })
  }
}

function pathOf(attributes: readonly string[]): string {
  return attributes.find((attribute) => attribute.startsWith('path='))?.slice('path='.length) ?? '/'
}
