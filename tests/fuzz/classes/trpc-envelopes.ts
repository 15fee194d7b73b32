import { type RegistryEntry, takesFile } from '../../../server/src/contract/registry.ts'
import type { Random } from '../../faults/random.ts'
import { newAddress } from '../../support/people.ts'
import type { EnvelopeDraw, WireTrial } from '../model.ts'

type Envelope = Omit<WireTrial, 'kind' | 'class'>

/** Requests that are refused whatever the rest of them says. */
const REFUSED: readonly string[] = [
  ...[
    'users.me?input={',
    'users.me?batch=1&input=[]',
    'users.me?batch=1&input=1',
    'users.me?batch=1&input="x"',
  ],
  ...[
    'users.me?batch=true',
    'users.me?batch=0',
    'users.me?batch=',
    'users.me?batch=1&batch=1',
    'users.get?input=null',
  ],
  ...[
    'users.get?input=[]',
    'users.get?input=1',
    'users.get?input=%00',
    'users.get?input=%7B%22id%22%3A',
    '__proto__',
  ],
  ...[
    'tasks.onChange?connectionParams={',
    'tasks.onChange,tasks.onChange?batch=1&input={}',
    'constructor',
    'users.',
  ],
  ...[
    'constructor.prototype',
    'toString',
    'hasOwnProperty',
    '',
    ',',
    'users.me,',
    ',users.me?batch=1',
    'users',
    '.me',
  ],
  ...[
    'users.me,users.me',
    `${','.repeat(5_000)}?batch=1`,
    '..%2f..%2fetc%2fpasswd',
    'users.me%00',
    'users..me',
  ],
  ...[
    'users.me.toString',
    'users.constructor',
    'x/users.me',
    'users.me/x',
    'users%2Eme',
    'Users.me',
    'users.me/',
  ],
  ...['-1', '1e3', '00', '__proto__', 'length', '0.0'].map(
    (key) => `users.get?batch=1&input=${encodeURIComponent(`{"${key}":{"id":"x"}}`)}`,
  ),
]
const CLIENT_ERRORS = Array.from({ length: 100 }, (_, index) => 400 + index)

const BATCHES = [
  ...['', 'batch=1', 'batch=1', 'batch=true', 'batch=0', 'batch=', 'batch=1&batch=1', 'batch=01', 'BATCH=1'],
]
const ODD_PATHS = [
  '',
  ' ',
  '.',
  '..',
  '__proto__',
  'constructor',
  'toString',
  'users',
  'users.',
  '%00',
  'a'.repeat(300),
  '*',
  'nope.nope',
]
/** As JSON; the empty text stands for none. */
const INPUTS: readonly string[] = [
  '',
  '{"0":{"__proto__":{"polluted":1}},"__proto__":{"0":{}}}',
  ...[
    ...[
      null,
      [],
      {},
      '',
      'x',
      0,
      true,
      [null],
      { 0: null },
      { 0: {}, 1: {} },
      { '-1': {} },
      { '1e3': {} },
      { '00': {} },
    ],
    ...[
      { 0: { json: {}, meta: { values: { a: ['Date'] } } } },
      { json: {}, meta: { values: ['undefined'] } },
    ],
    ...[
      { json: null, meta: { referentialEqualities: [['a', ['b']]] } },
      { 0: { id: { not: '' } } },
      { 99: {} },
      { length: 5 },
    ],
  ].map((value) => JSON.stringify(value)),
]
const EXTRAS: readonly string[] = [
  ...[
    'lastEventId=1',
    'lastEventId=%00',
    'lastEventId[]=1',
    'connectionParams={',
    'connectionParams=null',
    'connectionParams=[]',
  ],
  ...[
    'connectionParams=%7B%22token%22%3A%22x%22%7D',
    'access_token=x',
    'token=x',
    '__proto__[polluted]=1',
    'input={}',
    'x=%ff',
  ],
]
const ACCEPTS = ['application/jsonl', 'application/json', 'text/event-stream', '*/*', 'x', '']
const TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'text/plain',
  'multipart/form-data',
  '',
  'APPLICATION/JSON',
  'application/json, text/plain',
]

/** tRPC's envelope (https://trpc.io/docs/rpc) in every way it can be got wrong, and combinations of them. */
export function trpcEnvelopes(registry: readonly RegistryEntry[], draw: EnvelopeDraw): Envelope[] {
  const { random, quota, target } = draw
  const headers = () => ({ ...newAddress(), authorization: `Bearer ${target.token}` })
  const refused = REFUSED.map((path): Envelope => {
    const request = { method: 'GET', target: `/trpc/${escaped(path)}`, headers: headers() }
    return { label: path.slice(0, 60), request, statuses: CLIENT_ERRORS }
  })
  // What needs no input must not be called by chance: it would end the caller's session.
  const paths = registry
    .filter((entry) => (entry.kind !== 'mutation' || entry.input !== null) && !takesFile(entry))
    .map(({ path }) => path)
  const made = Array.from({ length: Math.max(0, quota - refused.length) }, () =>
    combine(paths, headers(), random),
  )
  return [...refused, ...made].slice(0, Math.max(quota, refused.length))
}

function combine(paths: readonly string[], headers: Record<string, string>, random: Random): Envelope {
  const size = random.pick([1, 1, 1, 2, 3, 10, 11, random.between(12, 400)])
  const names = Array.from({ length: size }, () => random.pick(random.next() < 0.12 ? ODD_PATHS : paths))
  const input = random.pick(INPUTS)
  const method = random.pick(['GET', 'GET', 'POST', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'])
  const isRead = method === 'GET' || method === 'HEAD'
  const search = [
    random.pick(BATCHES),
    isRead && input !== '' ? `input=${encodeURIComponent(input)}` : '',
    random.next() < 0.3 ? random.pick(EXTRAS) : '',
  ].filter((one) => one !== '')
  const more = {
    ...(random.next() < 0.25 ? { 'trpc-accept': random.pick(ACCEPTS), accept: random.pick(ACCEPTS) } : {}),
    ...(random.next() < 0.15
      ? { 'last-event-id': random.pick(['1', 'x'.repeat(100), '\xff', '-1', '../x']) }
      : {}),
    ...(isRead ? {} : { 'content-type': random.next() < 0.7 ? 'application/json' : random.pick(TYPES) }),
  }
  const target = `/trpc/${escaped(names.join(','))}${search.length === 0 ? '' : `?${search.join('&')}`}`
  const body = isRead || input === '' ? {} : { body: input }
  return { label: 'envelope', request: { method, target, headers: { ...headers, ...more }, ...body } }
}

/** What may stand in a request line. */
function escaped(text: string): string {
  return text.replaceAll(/[^\x21-\x7e]/g, (char) => encodeURIComponent(char))
}
