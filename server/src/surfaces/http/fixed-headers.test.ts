import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import express, { type RequestHandler } from 'express'
import { expect, test } from 'vitest'
import { allowOrigins } from './cors.ts'
import { fixedHeaders } from './fixed-headers.ts'
import { securityHeaders } from './security-headers.ts'

const origins = ['https://one.example', 'https://two.example']
const steps = [allowOrigins(origins), ...securityHeaders()]

/** The headers of an answer that `handlers` prepare, as they are spelled on the wire. */
async function headersBy(handlers: readonly RequestHandler[], origin: string | undefined) {
  const app = express().disable('x-powered-by')
  for (const handler of handlers) app.use(handler)
  app.use((_req, res) => void res.end())
  const server = createServer(app).listen(0)
  await once(server, 'listening')
  const asked = request({ port: portOf(server), headers: origin === undefined ? {} : { origin } }).end()
  const [answer] = await once(asked, 'response')
  answer.resume()
  server.close()
  const { rawHeaders }: IncomingMessage = answer
  return rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []))
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Without what changes by the second. */
function fixed(headers: readonly string[]): string[] {
  return headers.filter((header) => !header.startsWith('Date: '))
}

test.each([undefined, ...origins, 'https://evil.example', 'null'])(
  'the headers set at once are those that CORS and helmet set one by one, for %s',
  async (origin) => {
    const oneByOne = fixed(await headersBy(steps, origin))
    expect(fixed(await headersBy([fixedHeaders(steps, origins)], origin))).toEqual(oneByOne)
    expect(oneByOne).toContain("Content-Security-Policy: default-src 'none';frame-ancestors 'none'")
  },
)
