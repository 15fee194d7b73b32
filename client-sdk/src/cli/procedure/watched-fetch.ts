import { oneLine } from '../output/sanitise.ts'
import type { Terminal } from '../terminal.ts'

/** A `fetch` that says on stderr what it does: method, path, status, time, trace id. Never what is in a request. */
export function watchedFetch(terminal: Terminal): typeof globalThis.fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const started = performance.now()
    const what = `${init?.method ?? 'GET'} ${url.origin}${url.pathname}`
    const took = (): string => `${Math.round(performance.now() - started)} ms`
    try {
      const response = await fetch(input, init)
      const trace = oneLine(response.headers.get('x-request-id') ?? 'none')
      terminal.say(`${what} → ${response.status} in ${took()}, trace id ${trace}`)
      return response
    } catch (error) {
      terminal.say(`${what} → no answer in ${took()}`)
      throw error
    }
  }
}
