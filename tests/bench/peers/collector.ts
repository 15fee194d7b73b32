import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A receiver of OTLP over HTTP that reads everything and keeps nothing. */
export interface Collector extends AsyncDisposable {
  readonly url: string
  /** How much has come so far. */
  readonly received: () => { readonly requests: number; readonly bytes: number }
}

/** Starts one on a free port of this process. */
export async function startCollector(): Promise<Collector> {
  let requests = 0
  let bytes = 0
  const server = createServer((req, res) => {
    requests += 1
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    req.on('end', () => res.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    received: () => ({ requests, bytes }),
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** The port of an address that a server listens on. @throws Error when it is no port */
export function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== 'object' || address === null) throw new Error('No port was given')
  return address.port
}
