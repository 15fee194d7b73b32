import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A load balancer in front of several servers. `await using` stops it. */
export interface Balancer extends AsyncDisposable {
  readonly baseUrl: string
  /** The backends that answered the last probe with 200. */
  ready(): readonly string[]
  /** How many requests each backend was given. */
  readonly served: ReadonlyMap<string, number>
}

/** How a balancer looks at its backends. */
export interface BalancerOptions {
  /** Milliseconds between two probes of a backend; 100 unless told. Keep it well under the backends' drain delay. */
  readonly probeEveryMs?: number
}

const PROBE_LIMIT_MS = 1_000
/** Headers of one connection (RFC 9110, §7.6.1); each side of the balancer has its own. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'proxy-connection', 'te']

/**
 * The smallest balancer that behaves like a real one, for restarts and crashes under load:
 *
 * - takes the next backend whose `/readyz` answered 200 (round robin by request, not by connection); while none did,
 *   the next of all of them, because a server that is not well explains itself better than a balancer could;
 * - a backend that refuses the connection is passed over and the next one gets the request; once a connection stands the
 *   request is that backend's, because nobody can tell how far it got. When it then breaks, the client's connection is cut;
 * - nobody takes the connection: 503 with `Retry-After: 1`;
 * - bodies and streams are passed on as they come, a client that goes away is gone for the backend at once;
 * - `X-Forwarded-For` carries the client's address; start the backends with `TRUSTED_PROXIES=loopback` to use it.
 *
 * One connection per request towards the backends, as nginx does by default: a kept one may close as it is used.
 */
export async function startBalancer(
  backends: readonly string[],
  options: BalancerOptions = {},
): Promise<Balancer> {
  const served = new Map(backends.map((backend) => [backend, 0]))
  const wellAtLast = new Set<string>()
  const stopped = new AbortController()
  const probe = async (backend: string): Promise<void> => {
    if (await isReady(backend)) wellAtLast.add(backend)
    else wellAtLast.delete(backend)
  }
  // Each on its own: a backend that hangs must not hold up what is known of the others.
  const keepProbing = async (backend: string): Promise<void> => {
    while (!stopped.signal.aborted) {
      await delay(options.probeEveryMs ?? 100, undefined, { signal: stopped.signal }).catch(() => undefined)
      if (!stopped.signal.aborted) await probe(backend)
    }
  }
  const ready = (): readonly string[] => backends.filter((backend) => wellAtLast.has(backend))
  await Promise.all(backends.map(probe))
  const probing = backends.map(keepProbing)

  let turn = 0
  const forward = (req: IncomingMessage, res: ServerResponse, untried: readonly string[]): void => {
    turn += 1
    const backend = untried[turn % untried.length]
    if (backend === undefined) {
      req.resume()
      res.writeHead(503, { 'retry-after': '1' }).end()
      return
    }
    let connected = false
    const onward = request(new URL(req.url ?? '/', backend), {
      agent: false,
      method: req.method,
      headers: forwardedHeaders(req),
    })
    const leave = (): void => void onward.destroy()
    // Nothing of the request is read before there is a connection to send it on.
    onward.once('socket', (socket) =>
      socket.once('connect', () => {
        connected = true
        served.set(backend, (served.get(backend) ?? 0) + 1)
        req.pipe(onward)
      }),
    )
    onward.once('response', (answer) => {
      res.writeHead(answer.statusCode ?? 502, withoutHops(answer.headers))
      res.flushHeaders()
      answer.pipe(res)
      // `pipe` does not pass on that the backend broke off.
      answer.once('close', () => {
        if (!answer.complete) res.destroy()
      })
    })
    onward.once('error', () => {
      res.off('close', leave)
      if (connected || res.destroyed) return void res.destroy()
      wellAtLast.delete(backend)
      const others = untried.filter((other) => other !== backend)
      forward(req, res, others)
    })
    res.once('close', leave)
  }

  const open = new Set<Socket>()
  const server = createServer((req, res) => {
    const usable = ready()
    forward(req, res, usable.length > 0 ? usable : backends)
  })
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    ready,
    served,
    async [Symbol.asyncDispose]() {
      stopped.abort()
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of open) socket.destroy()
      await Promise.all([closed, ...probing])
    },
  }
}

async function isReady(backend: string): Promise<boolean> {
  try {
    const answer = await fetch(`${backend}/readyz`, { signal: AbortSignal.timeout(PROBE_LIMIT_MS) })
    await answer.body?.cancel()
    return answer.status === 200
  } catch {
    return false
  }
}

function forwardedHeaders(req: IncomingMessage) {
  const from = req.socket.remoteAddress ?? ''
  const before = req.headers['x-forwarded-for']
  return {
    ...withoutHops(req.headers),
    'x-forwarded-for': before === undefined ? from : `${String(before)}, ${from}`,
  }
}

function withoutHops<Value>(headers: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)))
}
