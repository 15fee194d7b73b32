import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { query } from '../support/http.ts'
import { leakOf } from '../support/leak.ts'
import { expectNoEffect } from '../support/no-effect.ts'
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

const figures = { tried: 0, statuses: new Map<number, number>() }
const chunked = ['Content-Type: application/json', 'Transfer-Encoding: chunked']
const json = ['Content-Type: application/json']
const cookies = Array.from({ length: 700 }, (_, index) => `c${index}=v`).join('; ')

/** Requests no honest client sends; each is refused with 4xx or 5xx of Node's own, answered as asked, or cut. */
const oddities: readonly (readonly [string, string])[] = [
  [
    'two different lengths',
    rawRequest('POST /trpc/auth.login HTTP/1.1', [...json, 'Content-Length: 2', 'Content-Length: 40'], '{}'),
  ],
  [
    'length and chunks',
    rawRequest('POST /trpc/auth.login HTTP/1.1', [...chunked, 'Content-Length: 5'], '0\r\n\r\n'),
  ],
  [
    'chunks misspelt',
    rawRequest('POST /trpc/auth.login HTTP/1.1', [...json, 'Transfer-Encoding: xchunked'], '{}'),
  ],
  [
    'chunks twice',
    rawRequest(
      'POST /trpc/auth.login HTTP/1.1',
      [...json, 'Transfer-Encoding: chunked, chunked'],
      '0\r\n\r\n',
    ),
  ],
  ['a chunk of no size', rawRequest('POST /trpc/auth.login HTTP/1.1', chunked, 'zz\r\n{}\r\n0\r\n\r\n')],
  [
    'a chunk of negative size',
    rawRequest('POST /trpc/auth.login HTTP/1.1', chunked, '-5\r\n{}\r\n0\r\n\r\n'),
  ],
  [
    'a chunk larger than its size',
    rawRequest('POST /trpc/auth.login HTTP/1.1', chunked, '1\r\n{}xxxx\r\n0\r\n\r\n'),
  ],
  ['a negative length', rawRequest('POST /trpc/auth.login HTTP/1.1', [...json, 'Content-Length: -1'])],
  ['a length in words', rawRequest('POST /trpc/auth.login HTTP/1.1', [...json, 'Content-Length: two'])],
  [
    'an endless length',
    rawRequest('POST /trpc/auth.login HTTP/1.1', [...json, 'Content-Length: 99999999999999999999']),
  ],
  ['a header with NUL', rawRequest('GET /trpc/users.me HTTP/1.1', ['X-Odd: a\0b'])],
  ['a folded header', rawRequest('GET /trpc/users.me HTTP/1.1', ['X-Odd: a\r\n b'])],
  ['a space before the colon', rawRequest('GET /trpc/users.me HTTP/1.1', ['X-Odd : a'])],
  ['a header without colon', rawRequest('GET /trpc/users.me HTTP/1.1', ['X-Odd'])],
  ['a header without name', rawRequest('GET /trpc/users.me HTTP/1.1', [': a'])],
  ['bare line feeds', 'GET /trpc/users.me HTTP/1.1\nHost: plinth.test\n\n'],
  ['20 KiB of one header', rawRequest('GET /trpc/users.me HTTP/1.1', [`X-Odd: ${'x'.repeat(20_480)}`])],
  [
    '2,500 headers',
    rawRequest(
      'GET /trpc/users.me HTTP/1.1',
      Array.from({ length: 2_500 }, (_, i) => `X-${i}: a`),
    ),
  ],
  ['700 cookies', rawRequest('POST /trpc/auth.refresh HTTP/1.1', [...json, `Cookie: ${cookies}`], '{}')],
  ['a URL of 9 KiB', rawRequest(`GET /trpc/users.me?x=${'x'.repeat(9_216)} HTTP/1.1`)],
  ['no host', 'GET /trpc/users.me HTTP/1.1\r\n\r\n'],
  ['two hosts', rawRequest('GET /trpc/users.me HTTP/1.1', ['Host: a', 'Host: b'])],
  ['a host of another kind', rawRequest('GET /trpc/users.me HTTP/1.1', ['Host: ../../etc/passwd'])],
  ['an absolute target', rawRequest('GET http://evil.test/trpc/users.me HTTP/1.1')],
  ['an authority as target', rawRequest('GET evil.test:80 HTTP/1.1')],
  ['a star as target', rawRequest('OPTIONS * HTTP/1.1')],
  ['dots as target', rawRequest('GET /../../../../etc/passwd HTTP/1.1')],
  ['encoded dots as target', rawRequest('GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1')],
  ['a semicolon path', rawRequest('GET /trpc/..;/users.me HTTP/1.1')],
  ['backslashes', rawRequest('GET \\trpc\\users.me HTTP/1.1')],
  ['overlong UTF-8', rawRequest('GET /trpc/users%c0%aeme HTTP/1.1')],
  ['a NUL in the path', rawRequest('GET /trpc/users.me%00.json HTTP/1.1')],
  ['a tab in the request line', 'GET\t/trpc/users.me\tHTTP/1.1\r\nHost: x\r\n\r\n'],
  ['HTTP/0.9', 'GET /trpc/users.me\r\n\r\n'],
  ['HTTP/1.0', 'GET /trpc/users.me HTTP/1.0\r\n\r\n'],
  ['HTTP/2.0', rawRequest('GET /trpc/users.me HTTP/2.0')],
  ['HTTP/9.9', rawRequest('GET /trpc/users.me HTTP/9.9')],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['noise', '\x00\x01\x02\x03\xff\xfe\r\n\r\n'],
  [
    'an upgrade to WebSocket',
    rawRequest('GET /trpc/users.me HTTP/1.1', [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: x',
      'Sec-WebSocket-Version: 13',
    ]),
  ],
  [
    'an upgrade to HTTP/2',
    rawRequest('GET /trpc/users.me HTTP/1.1', [
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQ',
    ]),
  ],
  [
    'an unknown expectation',
    rawRequest('POST /trpc/auth.login HTTP/1.1', [...json, 'Expect: 200-maybe'], '{}'),
  ],
  [
    'two authorizations',
    rawRequest('GET /trpc/users.me HTTP/1.1', ['Authorization: Bearer a', 'Authorization: Bearer b']),
  ],
  ['authorization without value', rawRequest('GET /trpc/users.me HTTP/1.1', ['Authorization:'])],
  ['Bearer alone', rawRequest('GET /trpc/users.me HTTP/1.1', ['Authorization: Bearer'])],
  ['Basic', rawRequest('GET /trpc/users.me HTTP/1.1', ['Authorization: Basic YTpi'])],
  [
    'a bearer with tabs and bytes',
    rawRequest('GET /trpc/users.me HTTP/1.1', ['Authorization: Bearer \t\xe4\xff']),
  ],
  [
    'an unknown encoding',
    rawRequest('POST /trpc/auth.login HTTP/1.1', [...json, 'Content-Encoding: br'], '{}'),
  ],
  [
    'a charset of its own',
    rawRequest('POST /trpc/auth.login HTTP/1.1', ['Content-Type: application/json; charset=utf-7'], '{}'),
  ],
  [
    'two content types',
    rawRequest(
      'POST /trpc/auth.login HTTP/1.1',
      ['Content-Type: application/json', 'Content-Type: text/plain'],
      '{}',
    ),
  ],
  ['a body of a GET', rawRequest('GET /trpc/users.me HTTP/1.1', json, '{"0":{}}')],
  [
    'smuggled second request',
    rawRequest(
      'POST /trpc/auth.login HTTP/1.1',
      [...json, 'Content-Length: 2'],
      '{}GET /admin HTTP/1.1\r\nHost: x\r\n\r\n',
    ),
  ],
]

describe('requests that no honest client sends', () => {
  test.each(oddities)('%s is refused or answered, never a 500, and changes nothing', async (_name, bytes) => {
    const { answer, ms } = await timed(() =>
      expectNoEffect(server.database, () =>
        sendRaw(server.baseUrl, Buffer.from(bytes, 'latin1'), { withinMs: 400 }),
      ),
    )
    figures.tried += 1
    figures.statuses.set(answer.status, (figures.statuses.get(answer.status) ?? 0) + 1)
    expect([0, 200, 204, 400, 401, 403, 404, 405, 408, 413, 414, 415, 417, 426, 431, 501, 505]).toContain(
      answer.status,
    )
    expect(leakOf(answer.text)).toBeUndefined()
    expect(ms).toBeLessThan(5_000)
  })

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

  test('the server answers as before', async () => {
    expect((await query(server.baseUrl, 'users.me', undefined, user)).status).toBe(200)
    const seen = [...figures.statuses]
      .sort(([a], [b]) => a - b)
      .map(([status, count]) => `${count}×${status}`)
    process.stdout.write(`raw requests: ${figures.tried} tried, answered ${seen.join(', ')}\n`)
    expect(figures.tried).toBe(oddities.length)
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
