import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { query } from '../support/http.ts'
import { addPerson, type LogIn, type Person } from '../support/people.ts'
import { rawRequest, sendRaw } from '../support/raw-http.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { timed, until } from '../support/until.ts'

const SLOW_CLIENTS = 60
/** 15 s for the headers and 5 s between two looks of Node, with some for a busy machine. */
const HEADERS_CLOSED_MS = 24_000

let server: TestServer
let user: Person & LogIn
const slow: Socket[] = []
let closed = 0
let opened = 0

beforeAll(async () => {
  server = await startServer({ variables: { TRUSTED_PROXIES: '127.0.0.1' } })
  user = await addPerson(server)
  opened = performance.now()
  const { hostname, port } = new URL(server.baseUrl)
  for (let index = 0; index < SLOW_CLIENTS; index += 1) {
    const socket = connect(Number(port), hostname, () =>
      socket.write('GET /trpc/users.me HTTP/1.1\r\nHost: x\r\nX-Slow: '),
    )
    const drip = setInterval(() => socket.writable && socket.write('x'), 500)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearInterval(drip)
      closed += 1
    })
    slow.push(socket)
  }
})
afterAll(async () => {
  for (const socket of slow) socket.destroy()
  await server[Symbol.asyncDispose]()
})

describe('requests that no honest client sends', () => {
  test('a thousand pipelined requests are answered one after the other', async () => {
    const one = rawRequest('GET /livez HTTP/1.1')
    const answer = await sendRaw(
      server.baseUrl,
      one.repeat(1_000) + rawRequest('GET /livez HTTP/1.1', ['Connection: close']),
      {
        withinMs: 10_000,
      },
    )
    expect(answer.text.match(/HTTP\/1\.1 200/g)).toHaveLength(1_001)
  })
})

describe('T8 slow clients cannot hold the server', () => {
  test('beside sixty that send a byte now and then others are served, and each of the sixty is cut in time', async () => {
    const served = await timed(() => query(server.baseUrl, 'users.me', undefined, user))
    expect(served.answer.status).toBe(200)
    await until(
      'all slow clients to be cut',
      () => (closed === SLOW_CLIENTS ? true : undefined),
      HEADERS_CLOSED_MS,
    )
    expect(performance.now() - opened).toBeLessThan(HEADERS_CLOSED_MS + 15_000)
  }, 40_000)
})
