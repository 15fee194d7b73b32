import type { Random } from '../../faults/random.ts'
import { ENVELOPE } from '../../support/mcp.ts'
import { newAddress } from '../../support/people.ts'
import type { EnvelopeDraw, WireTrial } from '../model.ts'

type Frame = Omit<WireTrial, 'kind' | 'class'>

/** Values by what they stand for; `undefined` leaves a member out. */
const VERSIONS: readonly unknown[] = [
  '2.0',
  '2.0',
  '2.0',
  '2.0',
  '1.0',
  '2',
  2,
  2.0,
  null,
  undefined,
  '',
  [],
  {},
  'jsonrpc',
]
const IDS: readonly unknown[] = [
  ...[
    1,
    'a',
    0,
    -1,
    1.5,
    2 ** 53,
    1e308,
    '',
    'x'.repeat(200),
    'x'.repeat(201),
    null,
    undefined,
    true,
    [],
    {},
    [1],
    '\n',
    '\0',
    '\ud800',
  ],
]
const METHODS: readonly unknown[] = [
  ...[
    'tools/call',
    'tools/call',
    'tools/call',
    'tools/list',
    'resources/list',
    'resources/read',
    'resources/templates/list',
  ],
  ...[
    'initialize',
    'ping',
    'server/discover',
    'subscriptions/listen',
    'notifications/initialized',
    'notifications/cancelled',
  ],
  ...[
    'notifications/progress',
    'notifications/x',
    'prompts/list',
    'prompts/get',
    'completion/complete',
    'logging/setLevel',
  ],
  ...[
    'sampling/createMessage',
    'elicitation/create',
    'roots/list',
    'tasks/list',
    'tasks/cancel',
    'tools/Call',
    'tools',
    '',
    '/',
    '..',
  ],
  ...['__proto__', 'constructor', 'toString', 'rpc.discover', 'x'.repeat(5_000), 1, null, undefined, [], {}],
]
const NAMES: readonly unknown[] = [
  ...[
    'call_procedure',
    'search_procedures',
    'wait_for_events',
    'nope',
    '',
    '__proto__',
    'constructor',
    'toString',
    'tasks.list',
  ],
  ...[
    'TASKS_LIST',
    'tasks_list ',
    'auth_login',
    'x'.repeat(1_000),
    '\0',
    1,
    null,
    undefined,
    [],
    {},
    ['tasks_list'],
  ],
]
const ARGUMENTS: readonly unknown[] = [
  ...[
    undefined,
    null,
    [],
    {},
    '',
    'x',
    0,
    true,
    [{}],
    { name: 'users_me' },
    { name: 'users_me', arguments: [] },
    { name: '__proto__' },
  ],
  ...[
    { name: 'users_me', arguments: { x: 1 } },
    { name: 'call_procedure', arguments: {} },
    { name: { not: '' } },
    { name: 'auth_login' },
  ],
  ...[
    { query: '' },
    { query: 'x'.repeat(5_000) },
    { query: 'task', limit: 1e9 },
    { query: ['a'] },
    { query: '(a+)+$' },
    { limit: -1 },
  ],
  ...[
    { name: 'tasks_onChange', arguments: { projectId: 'x' } },
    { name: 'tasks_onChange', timeoutSeconds: 1e9 },
    { id: { $ne: null } },
  ],
  ...[{ lastEventId: '../x' }, { projectId: '\0' }, { uri: 'file:///etc/passwd' }],
]
const METAS: readonly unknown[] = [
  ...[ENVELOPE, ENVELOPE, ENVELOPE, ENVELOPE, undefined, null, [], {}, 'x', 1],
  { ...ENVELOPE, progressToken: 1 },
  { ...ENVELOPE, progressToken: {} },
  { ...ENVELOPE, progressToken: 'x'.repeat(5_000) },
  { ...ENVELOPE, 'plinth/idempotencyKey': '' },
  { ...ENVELOPE, 'plinth/idempotencyKey': 'x'.repeat(300) },
  { ...ENVELOPE, 'plinth/idempotencyKey': {} },
  { ...ENVELOPE, 'io.modelcontextprotocol/protocolVersion': '1999-01-01' },
  { ...ENVELOPE, 'io.modelcontextprotocol/protocolVersion': {} },
  { ...ENVELOPE, 'io.modelcontextprotocol/clientInfo': null },
  { ...ENVELOPE, 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } },
  { ...ENVELOPE, 'io.modelcontextprotocol/clientCapabilities': 'x' },
  { ...ENVELOPE, traceparent: 'x', baggage: '%' },
]
const URIS: readonly unknown[] = [
  ...[
    'plinth://tasks',
    'plinth://',
    'plinth://x',
    'file:///etc/passwd',
    'http://127.0.0.1/',
    'javascript:1',
    '',
    '../..',
    '%',
  ],
  ...[
    'plinth://errors',
    'plinth://errors/%00',
    'plinth://procedures/__proto__',
    'plinth://tasks/%2e%2e',
    'x'.repeat(5_000),
    1,
    null,
    {},
  ],
]
const HEADERS: readonly Record<string, string>[] = [
  ...[{}, {}, {}, {}, {}, {}],
  ...['2025-11-25', '2025-03-26', '2024-11-05', '1999-01-01', '', 'x', '\xff'].map((version) => ({
    'mcp-protocol-version': version,
  })),
  ...['tools/list', 'x', '', '\xff'].map((method) => ({ 'mcp-method': method })),
  ...['nope', '', '__proto__', '\xff'].map((name) => ({ 'mcp-name': name })),
  ...['application/json', 'text/event-stream', 'text/html', '*/*', ''].map((accept) => ({ accept })),
  ...['text/plain', '', 'application/json; charset=utf-16', 'application/xml'].map((type) => ({
    'content-type': type,
  })),
  ...['x', '../..', 'x'.repeat(3_000), '\xff'].map((session) => ({ 'mcp-session-id': session })),
  ...['1', '-1', 'x'.repeat(300)].map((id) => ({ 'last-event-id': id })),
  ...['https://evil.test', 'null'].map((origin) => ({ origin })),
]

/** Messages of the Model Context Protocol with wrong versions, ids, methods, parameters, `_meta` and headers. */
export function mcpFrames(tools: readonly string[], { random, quota, target }: EnvelopeDraw): Frame[] {
  return Array.from({ length: quota }, () => frame([...NAMES, ...tools], target.token, random))
}

function frame(names: readonly unknown[], token: string, random: Random): Frame {
  // `pick` takes no undefined, which is one of the things to try.
  const one = (items: readonly unknown[]): unknown => items[random.between(0, items.length - 1)]
  const method = one(METHODS)
  const params = {
    name: one(names),
    arguments: one(ARGUMENTS),
    ...(String(method).startsWith('resources/') ? { uri: one(URIS), cursor: one(IDS) } : {}),
    _meta: one(METAS),
  }
  const odd = [null, [], 'x', 1, undefined]
  const message = {
    jsonrpc: one(VERSIONS),
    id: one(IDS),
    method,
    params: random.next() < 0.9 ? params : one(odd),
    ...(random.next() < 0.05 ? { result: {}, error: { code: 'x' } } : {}),
  }
  const whole = random.next() < 0.95 ? message : Array.from({ length: random.between(0, 60) }, () => message)
  const { name } = params
  const headers = {
    ...newAddress(),
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    ...(typeof method === 'string' ? { 'mcp-method': headerText(method) } : {}),
    ...(typeof name === 'string' ? { 'mcp-name': headerText(name) } : {}),
    ...random.pick(HEADERS),
  }
  const verb =
    random.next() < 0.96 ? 'POST' : random.pick(['GET', 'DELETE', 'PUT', 'HEAD', 'OPTIONS', 'PATCH'])
  const body = JSON.stringify(whole)
  const request = { method: verb, target: '/mcp', headers, ...(verb === 'POST' ? { body } : {}) }
  return { label: 'message', request }
}

function headerText(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '').slice(0, 2_000)
}
