import { takesFile } from '../../../server/src/contract/registry.ts'
import { REST_BASE, type RestRoute } from '../../../server/src/surfaces/rest/route.ts'
import type { Random } from '../../faults/random.ts'
import { newAddress } from '../../support/people.ts'
import type { EnvelopeDraw, WireTrial } from '../model.ts'

type Envelope = Omit<WireTrial, 'kind' | 'class'>

const IDS: readonly string[] = [
  ...[
    '12345678-1234-4234-8234-123456789012',
    '00000000-0000-0000-0000-000000000000',
    '1',
    '-1',
    '0',
    'me',
    'null',
    'undefined',
  ],
  ...[
    '%00',
    '%2e',
    '%2e%2e',
    '%2f',
    '%5c',
    '%E0%A4%A',
    '%',
    '%zz',
    '%25',
    '%20',
    '*',
    '{id}',
    ':id',
    '__proto__',
    'constructor',
  ],
  ...[
    'a'.repeat(1_200),
    '(x)',
    "'",
    '%22',
    '%ed%a0%80',
    '%F0%9F%8C%B7',
    '.',
    '..',
    '~',
    'x;y=z',
    'x,y',
    '%0d%0a',
    '1e3',
    '0x1',
  ],
]
const SEARCHES: readonly string[] = [
  ...[
    '',
    'limit=1',
    'limit=1&limit=2',
    'limit=',
    'limit',
    'limit=01',
    'limit=1.0',
    'limit=1e1',
    'limit=%31',
    'limit=+1',
    'limit= 1',
  ],
  ...[
    'limit[]=1',
    'limit[a]=1',
    'limit=1;page=2',
    '&&&',
    '=',
    '=x',
    'a=%',
    'a=%zz',
    'a=%00',
    '%=1',
    'cursor=%ff',
    'page=-0',
    'page=0x1',
  ],
  ...[
    'search=%ED%A0%80',
    'search=a+b',
    'search=',
    'search',
    '__proto__=1',
    '__proto__[polluted]=1',
    'constructor.prototype=1',
  ],
  ...[
    'status=',
    'status=todo&status=done',
    'sort=title,',
    'read=false',
    'read=0',
    'read=FALSE',
    'unread=false',
    'all=true',
    'toString=1',
  ],
  ...[
    'lastEventId=1',
    'input={}',
    'batch=1',
    '_method=DELETE',
    'access_token=x',
    `${'a=1&'.repeat(500)}`,
    `search=${'x'.repeat(6_000)}`,
  ],
]
const HEADERS: readonly (readonly [string, string | readonly string[]])[] = [
  ...[
    '*',
    '"1"',
    'W/"1"',
    '"1", "2"',
    '1',
    '',
    '"',
    '""',
    '"0"',
    '"-1"',
    '"01"',
    '"99999999999"',
    '"x"',
    '"1\xff"',
    'x'.repeat(3_000),
  ].flatMap((tag) => [['if-match', tag] as const, ['if-none-match', tag] as const]),
  ...[
    'respond-async',
    'wait=5',
    'wait=-1',
    'wait=1e9',
    'wait=x',
    'wait',
    'respond-async, wait=1',
    'return=minimal',
    ',',
    '=',
    '\xff',
  ].map((prefer) => ['prefer', prefer] as const),
  ...['x', '0', 'Thu, 01 Jan 1970 00:00:00 GMT'].map((date) => ['if-modified-since', date] as const),
  ...['bytes=0-', 'bytes=-1', 'bytes=5-1', 'bytes=0-0,1-1', 'x'].map((range) => ['range', range] as const),
  ...['', ' ', 'a', 'x'.repeat(256), '\xff', 'a,b'].map((key) => ['idempotency-key', key] as const),
  ...['DELETE', 'GET', 'x'].map((method) => ['x-http-method-override', method] as const),
  ...['text/html', 'application/xml', '*/*;q=0', '', 'application/problem+json', 'a'.repeat(2_000)].map(
    (type) => ['accept', type] as const,
  ),
  ['x-forwarded-host', 'evil.test'],
  ['x-original-url', '/admin'],
  ['if-match', ['"1"', '"2"']],
  ['prefer', ['wait=1', 'respond-async']],
]
const BODIES: readonly (string | undefined)[] = [
  ...[
    undefined,
    '',
    '{}',
    '[]',
    'null',
    '"x"',
    '0',
    '{',
    '{"id":"x"}',
    '{"data":{}}',
    '{"version":1}',
    '{"__proto__":{"polluted":1}}',
  ],
  ...[
    '{"projectId":"x"}',
    '[{"op":"replace","path":"/title","value":1}]',
    '{"title":{"not":""}}',
    'title=x&a=b',
    '<a/>',
    '\0',
  ],
]
const TYPES: readonly string[] = [
  ...[
    'application/json',
    'application/json',
    'application/json',
    'application/json; charset=utf-8',
    'application/merge-patch+json',
  ],
  ...[
    'application/json-patch+json',
    'application/x-www-form-urlencoded',
    'text/plain',
    '',
    'x',
    'multipart/form-data; boundary=b',
  ],
]
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PURGE'] as const

/** Methods, paths, query strings, conditions and bodies of operations, each wrong in some way, in all combinations. */
export function restEnvelopes(
  routes: readonly RestRoute[],
  { random, quota, target }: EnvelopeDraw,
): Envelope[] {
  // What takes nothing must not be called by chance: it would end the caller's session.
  const safe = routes.filter(
    ({ entry }) => (entry.kind !== 'mutation' || entry.input !== null) && !takesFile(entry),
  )
  const endings = new Set(routes.filter((route) => !safe.includes(route)).map(({ path }) => path))
  return Array.from({ length: quota }, () => combine(safe, endings, target.token, random))
}

function combine(
  routes: readonly RestRoute[],
  endings: ReadonlySet<string>,
  token: string,
  random: Random,
): Envelope {
  const route = random.pick(routes)
  const method = random.next() < 0.7 || endings.has(route.path) ? route.method : random.pick(METHODS)
  const path = route.path.replaceAll(/\{\w+\}/g, () => random.pick(IDS))
  const search = random.pick(SEARCHES)
  const more = Array.from({ length: random.between(0, 2) }, () => random.pick(HEADERS))
  const isRead = method === 'GET' || method === 'HEAD' || method === 'TRACE'
  const text = isRead ? undefined : BODIES[random.between(0, BODIES.length - 1)]
  const headers = {
    ...newAddress(),
    authorization: `Bearer ${token}`,
    ...(text === undefined ? {} : { 'content-type': random.pick(TYPES) }),
    ...Object.fromEntries(more),
  }
  const address = `${REST_BASE}${path}${search === '' ? '' : `?${search}`}`.replaceAll(
    /[^\x21-\x7e]/g,
    encodeURIComponent,
  )
  return {
    label: 'operation',
    request: { method, target: address, headers, ...(text === undefined ? {} : { body: text }) },
  }
}
