import { Agent, type buildConnector, fetch as undiciFetch } from 'undici'

/** How long another server may take. */
export interface OutboundTimes {
  readonly connectTimeoutMs: number
  /** Until the head of its answer. */
  readonly headersTimeoutMs: number
  /** Between two pieces of its answer. */
  readonly idleTimeoutMs: number
}

/** A way out, and how to close it. */
export interface OutboundFetch {
  /** Follows no redirect: the answer that asks for one is the answer. */
  readonly fetch: typeof globalThis.fetch
  close(): Promise<void>
}

/** Builds a `fetch` with limits of time and, given a connector, of where it may connect to. */
export function createFetch(times: OutboundTimes, connect?: buildConnector.connector): OutboundFetch {
  const dispatcher = new Agent({
    allowH2: false,
    headersTimeout: times.headersTimeoutMs,
    bodyTimeout: times.idleTimeoutMs,
    // Servers that end idle connections after five seconds are the usual ones.
    keepAliveTimeout: 4_000,
    connect: connect ?? { allowH2: false, timeout: times.connectTimeoutMs },
  })
  return {
    fetch: async (input, { body = null, headers, method = 'GET', signal = null } = {}) => {
      if (typeof body !== 'string' && body !== null) throw new TypeError('Only text can be sent')
      const url = input instanceof Request ? input.url : input
      const pairs = [...new Headers(headers)]
      return await undiciFetch(url, { method, headers: pairs, body, signal, redirect: 'manual', dispatcher })
    },
    close: () => dispatcher.destroy(),
  }
}
