import { rawRequest } from '../../support/raw-http.ts'

/** Two targets of one surface: something to read, and something to write. */
export interface RawTargets {
  readonly read: string
  readonly write: string
}

/** A request as bytes, in Latin-1. */
export interface OddRequest {
  readonly label: string
  readonly bytes: string
}

const json = ['Content-Type: application/json']
const chunked = [...json, 'Transfer-Encoding: chunked']
const many = Array.from({ length: 700 }, (_, index) => `c${index}=v`).join('; ')

/** Requests no honest client sends; each is refused, answered as asked, or cut. */
export function oddRequests(targets: RawTargets): OddRequest[] {
  return [...framing(targets), ...spellings(targets)].map(([label, bytes]) => ({ label, bytes }))
}

type Odd = readonly [label: string, bytes: string]

/** The message around the call: lines, lengths, headers, versions. */
function framing({ read, write }: RawTargets): Odd[] {
  return [
    [
      'two different lengths',
      rawRequest(`POST ${write} HTTP/1.1`, [...json, 'Content-Length: 2', 'Content-Length: 40'], '{}'),
    ],
    [
      'length and chunks',
      rawRequest(`POST ${write} HTTP/1.1`, [...chunked, 'Content-Length: 5'], '0\r\n\r\n'),
    ],
    ['chunks misspelt', rawRequest(`POST ${write} HTTP/1.1`, [...json, 'Transfer-Encoding: xchunked'], '{}')],
    [
      'chunks twice',
      rawRequest(`POST ${write} HTTP/1.1`, [...json, 'Transfer-Encoding: chunked, chunked'], '0\r\n\r\n'),
    ],
    ['a chunk of no size', rawRequest(`POST ${write} HTTP/1.1`, chunked, 'zz\r\n{}\r\n0\r\n\r\n')],
    ['a chunk of negative size', rawRequest(`POST ${write} HTTP/1.1`, chunked, '-5\r\n{}\r\n0\r\n\r\n')],
    [
      'a chunk larger than its size',
      rawRequest(`POST ${write} HTTP/1.1`, chunked, '1\r\n{}xxxx\r\n0\r\n\r\n'),
    ],
    ['a negative length', rawRequest(`POST ${write} HTTP/1.1`, [...json, 'Content-Length: -1'])],
    ['a length in words', rawRequest(`POST ${write} HTTP/1.1`, [...json, 'Content-Length: two'])],
    [
      'an endless length',
      rawRequest(`POST ${write} HTTP/1.1`, [...json, 'Content-Length: 99999999999999999999']),
    ],
    ['a header with NUL', rawRequest(`GET ${read} HTTP/1.1`, ['X-Odd: a\0b'])],
    ['a folded header', rawRequest(`GET ${read} HTTP/1.1`, ['X-Odd: a\r\n b'])],
    ['a space before the colon', rawRequest(`GET ${read} HTTP/1.1`, ['X-Odd : a'])],
    ['a header without colon', rawRequest(`GET ${read} HTTP/1.1`, ['X-Odd'])],
    ['a header without name', rawRequest(`GET ${read} HTTP/1.1`, [': a'])],
    ['bare line feeds', `GET ${read} HTTP/1.1\nHost: plinth.test\n\n`],
    ['20 KiB of one header', rawRequest(`GET ${read} HTTP/1.1`, [`X-Odd: ${'x'.repeat(20_480)}`])],
    [
      '2,500 headers',
      rawRequest(
        `GET ${read} HTTP/1.1`,
        Array.from({ length: 2_500 }, (_, i) => `X-${i}: a`),
      ),
    ],
    ['700 cookies', rawRequest('POST /trpc/auth.refresh HTTP/1.1', [...json, `Cookie: ${many}`], '{}')],
    ['a URL of 9 KiB', rawRequest(`GET ${read}?x=${'x'.repeat(9_216)} HTTP/1.1`)],
    ['no host', `GET ${read} HTTP/1.1\r\n\r\n`],
    ['two hosts', rawRequest(`GET ${read} HTTP/1.1`, ['Host: a', 'Host: b'])],
    ['a host of another kind', rawRequest(`GET ${read} HTTP/1.1`, ['Host: ../../etc/passwd'])],
    ['an absolute target', rawRequest(`GET http://evil.test${read} HTTP/1.1`)],
    ['an authority as target', rawRequest('GET evil.test:80 HTTP/1.1')],
    ['a star as target', rawRequest('OPTIONS * HTTP/1.1')],
    ['dots as target', rawRequest('GET /../../../../etc/passwd HTTP/1.1')],
    ['encoded dots as target', rawRequest('GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1')],
    ['a semicolon path', rawRequest('GET /trpc/..;/users.me HTTP/1.1')],
    ['backslashes', rawRequest('GET \\trpc\\users.me HTTP/1.1')],
    ['overlong UTF-8', rawRequest('GET /trpc/users%c0%aeme HTTP/1.1')],
    ['a NUL in the path', rawRequest(`GET ${read}%00.json HTTP/1.1`)],
    ['a tab in the request line', `GET\t${read}\tHTTP/1.1\r\nHost: x\r\n\r\n`],
    ['HTTP/0.9', `GET ${read}\r\n\r\n`],
    ['HTTP/1.0', `GET ${read} HTTP/1.0\r\n\r\n`],
    ['HTTP/2.0', rawRequest(`GET ${read} HTTP/2.0`)],
    ['HTTP/9.9', rawRequest(`GET ${read} HTTP/9.9`)],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['noise', '\x00\x01\x02\x03\xff\xfe\r\n\r\n'],
    [
      'an upgrade to WebSocket',
      rawRequest(`GET ${read} HTTP/1.1`, [
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Key: x',
        'Sec-WebSocket-Version: 13',
      ]),
    ],
    [
      'an upgrade to HTTP/2',
      rawRequest(`GET ${read} HTTP/1.1`, [
        'Connection: Upgrade, HTTP2-Settings',
        'Upgrade: h2c',
        'HTTP2-Settings: AAMAAABkAAQ',
      ]),
    ],
    ['an unknown expectation', rawRequest(`POST ${write} HTTP/1.1`, [...json, 'Expect: 200-maybe'], '{}')],
    [
      'two authorizations',
      rawRequest(`GET ${read} HTTP/1.1`, ['Authorization: Bearer a', 'Authorization: Bearer b']),
    ],
    ['authorization without value', rawRequest(`GET ${read} HTTP/1.1`, ['Authorization:'])],
    ['Bearer alone', rawRequest(`GET ${read} HTTP/1.1`, ['Authorization: Bearer'])],
    ['Basic', rawRequest(`GET ${read} HTTP/1.1`, ['Authorization: Basic YTpi'])],
    [
      'a bearer with tabs and bytes',
      rawRequest(`GET ${read} HTTP/1.1`, ['Authorization: Bearer \t\xe4\xff']),
    ],
    ['an unknown encoding', rawRequest(`POST ${write} HTTP/1.1`, [...json, 'Content-Encoding: br'], '{}')],
    [
      'a charset of its own',
      rawRequest(`POST ${write} HTTP/1.1`, ['Content-Type: application/json; charset=utf-7'], '{}'),
    ],
    [
      'two content types',
      rawRequest(
        `POST ${write} HTTP/1.1`,
        ['Content-Type: application/json', 'Content-Type: text/plain'],
        '{}',
      ),
    ],
    ['a body of a GET', rawRequest(`GET ${read} HTTP/1.1`, json, '{"0":{}}')],
    [
      'smuggled second request',
      rawRequest(
        `POST ${write} HTTP/1.1`,
        [...json, 'Content-Length: 2'],
        '{}GET /admin HTTP/1.1\r\nHost: x\r\n\r\n',
      ),
    ],
  ]
}

const METHODS = [
  ...[
    'HEAD',
    'OPTIONS',
    'PUT',
    'PATCH',
    'DELETE',
    'TRACE',
    'CONNECT',
    'FOO',
    'get',
    'G',
    'PROPFIND',
    'QUERY',
    'PURGE',
  ],
  ...['M-SEARCH', 'SEARCH', 'LOCK', 'MERGE', 'NOTIFY', 'UNLINK'],
]

/** The target and the method, spelt in ways that reach other things elsewhere. */
function spellings({ read, write }: RawTargets): Odd[] {
  const targets = [
    ...[
      '',
      '/',
      '//',
      '///',
      '*',
      '?',
      '#',
      '.',
      '..',
      '%',
      '/%',
      '/%00',
      '/%2e%2e/',
      '/.git/HEAD',
      '/.env',
      '/..;/',
      '/;',
    ],
    ...[
      `/${read}`,
      `${read}/`,
      `${read}//`,
      `${read}/.`,
      `${read}/..`,
      `${read};x=y`,
      `${read}%2f`,
      `${read}%20`,
      `${read}%00`,
    ],
    ...[
      `${read}?`,
      `${read}?&&&`,
      `${read}?=`,
      `${read}?a`,
      `${read}?a=%`,
      `${read}?a=%zz`,
      `${read}?a[b]=c`,
      `${read}?a[]=1&a[]=2`,
    ],
    ...[
      `${read}?__proto__[polluted]=1`,
      `${read}?constructor.prototype.polluted=1`,
      `${read}?${'a=1&'.repeat(1_500)}`,
    ],
    ...[
      `${read}#x`,
      `${read}\xff`,
      `${read}\\`,
      `${read}|`,
      `${read}<>`,
      `${read}"`,
      `${read}{}`,
      `${read}^`,
      `/x${read}`,
    ],
    ...[
      read.toUpperCase(),
      read.replaceAll('/', '//'),
      read.replaceAll('/', '/./'),
      read.replaceAll('/', '/x/../'),
    ],
    ...[
      read.replaceAll('e', '%65'),
      read.replaceAll('/', '%2f'),
      read.replaceAll('/', '\\'),
      `http://x${read}`,
      `https:${read}`,
    ],
  ]
  const close = ['Connection: close']
  const types = [
    '',
    'x',
    'text/plain',
    'application/xml',
    'application/json;',
    'application/json; charset=utf-16',
    'application/jsonp',
  ]
  const encodings = ['gzip', 'deflate', 'br', 'zstd', 'compress', 'x', 'gzip, gzip', 'identity, gzip', '']
  return [
    ...METHODS.map((method): Odd => [`method ${method}`, rawRequest(`${method} ${read} HTTP/1.1`, close)]),
    ...METHODS.map(
      (method): Odd => [
        `method ${method}`,
        rawRequest(`${method} ${write} HTTP/1.1`, [...close, ...json], '{}'),
      ],
    ),
    ...targets.map(
      (target): Odd => [`target ${target.slice(0, 40)}`, rawRequest(`GET ${target} HTTP/1.1`, close)],
    ),
    ...targets.map(
      (target): Odd => [
        `target ${target.slice(0, 40)}`,
        rawRequest(`POST ${target} HTTP/1.1`, [...close, ...json], '{}'),
      ],
    ),
    ...types.map(
      (type): Odd => [
        'type',
        rawRequest(`POST ${write} HTTP/1.1`, [...close, `Content-Type: ${type}`], '{}'),
      ],
    ),
    ...encodings.map(
      (one): Odd => [
        'encoding',
        rawRequest(
          `POST ${write} HTTP/1.1`,
          [...close, ...json, `Content-Encoding: ${one}`],
          '\x1f\x8b\x08\0\0\0\0\0',
        ),
      ],
    ),
  ]
}
