import { Agent, request as httpRequest } from 'node:http'
import { sendRaw } from '../support/raw-http.ts'
import type { WireAnswer, WireRequest } from './model.ts'

/** Nothing a server does for an input of this size takes so long. */
const HANG_MS = 10_000
/** How long a socket that sent nonsense is listened to when the server says nothing and does not close. */
const RAW_WAIT_MS = 300

/** Sends requests over kept-alive connections to one server. */
export interface Wire extends Disposable {
  send(request: WireRequest | Buffer): Promise<WireAnswer>
}

/** A client that sends what it is given, with no header of its own but `Host` and `Content-Length`. */
export function openWire(baseUrl: string, parallel: number, hangMs: number = HANG_MS): Wire {
  const { hostname, port } = new URL(baseUrl)
  const agent = new Agent({ keepAlive: true, maxSockets: parallel })
  const exchange = (given: WireRequest): Promise<WireAnswer> =>
    new Promise((resolve) => {
      const body = given.body === undefined ? undefined : Buffer.from(given.body)
      const sentBytes = given.target.length + (body?.length ?? 0) + JSON.stringify(given.headers).length
      const started = performance.now()
      const done = (answer: Pick<WireAnswer, 'status' | 'text' | 'headers' | 'failure'>) => {
        clearTimeout(timer)
        resolve({ ...answer, sentBytes, ms: performance.now() - started })
      }
      const failed = (failure: 'hang' | 'cut') => done({ status: 0, headers: {}, text: '', failure })
      const req = httpRequest({ hostname, port, agent, method: given.method, path: given.target })
      const timer = setTimeout(() => {
        failed('hang')
        req.destroy()
      }, hangMs)
      for (const [name, value] of Object.entries(given.headers)) {
        req.setHeader(name, typeof value === 'string' ? value : [...value])
      }
      if (body !== undefined) req.setHeader('content-length', body.length)
      req.on('response', (res) => {
        const chunks: Buffer[] = []
        const headers = Object.fromEntries(
          Object.entries(res.headers).map(([name, value]) => [name, String(value)]),
        )
        const finish = () =>
          done({ status: res.statusCode ?? 0, headers, text: Buffer.concat(chunks).toString('utf8') })
        // A stream has no end of its own; that it began is its answer. A refused one ends with its refusal.
        const isOpen = (res.statusCode ?? 0) < 400
        if (isOpen && headers['content-type']?.startsWith('text/event-stream') === true) {
          finish()
          req.destroy()
          return
        }
        res.on('data', (chunk: Buffer) => chunks.push(chunk))
        res.on('end', finish)
        res.on('error', () => failed('cut'))
      })
      req.on('error', () => failed('cut'))
      req.end(body)
    })
  return {
    send: (given) => (Buffer.isBuffer(given) ? raw(baseUrl, given) : exchange(given)),
    [Symbol.dispose]: () => agent.destroy(),
  }
}

async function raw(baseUrl: string, bytes: Buffer): Promise<WireAnswer> {
  const { status, text, ms } = await sendRaw(baseUrl, bytes, { withinMs: RAW_WAIT_MS })
  return { status, text, headers: {}, sentBytes: bytes.length, ms }
}
