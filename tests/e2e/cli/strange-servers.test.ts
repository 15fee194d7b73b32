import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { installPlinth, type PlinthCommand } from '../../support/plinth-command.ts'
import { until } from '../../support/until.ts'

/** Empties the screen and names the window, by the one-byte marks as well. */
const ACTS = '\u001b[2J\u001b]0;owned\u0007\u009b2J'

interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
}

let command: PlinthCommand
let server: Server
let baseUrl: string
/** What the server says now, by address; all else is 404. */
let answers: Record<string, Answer>
let asked: string[]

beforeAll(async () => {
  server = createServer((req, res) => {
    const path = (req.url ?? '').split('?')[0] ?? ''
    asked.push(`${req.method} ${path}`)
    const { status = 200, headers = {}, body } = answers[path] ?? { status: 404, body: {} }
    res.writeHead(status, { 'content-type': 'application/json', ...headers })
    res.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  baseUrl = `http://127.0.0.1:${Object(server.address()).port}`
  command = await installPlinth()
})

afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await command[Symbol.asyncDispose]()
})

function serve(procedures: readonly object[], version = '0.1.0', others: Record<string, Answer> = {}): void {
  asked = []
  const body = { format: 1, version, procedures: procedures.map((each) => ({ ...PLAIN, ...each })) }
  const etag = `"${JSON.stringify(body).length}"`
  answers = { '/contract.json': { headers: { etag }, body }, ...others }
}

const PLAIN = {
  kind: 'query',
  summary: 'Does it.',
  input: null,
  output: {},
  access: { who: 'public' },
  errors: [],
}
const DONE: Answer = { body: { result: { data: { ok: true } } } }

function fields(properties: object, required: readonly string[] = []): object {
  return { type: 'object', properties, required, additionalProperties: false }
}

test('no name, text or version of a server acts on the terminal or is put into a line to run', async () => {
  serve(
    [
      { path: `things.b${ACTS}` },
      {
        path: 'things.make',
        kind: 'mutation',
        summary: `Makes${ACTS}`,
        input: fields({ [`n${ACTS}`]: { type: 'string', default: ACTS, enum: [ACTS] } }),
        access: { who: 'member', min: ACTS },
        scope: `s${ACTS}`,
        errors: [{ reason: `R${ACTS}`, code: 'CONFLICT', message: ACTS }],
        [`strange${ACTS}`]: true,
      },
      { path: 'things.get' },
    ],
    `9.0.0; echo owned${ACTS}`,
    { '/trpc/things.get': { body: { result: { data: { [`name${ACTS}`]: ACTS } } } } },
  )
  const home = await command.home(baseUrl)
  for (const args of [
    '--help',
    'things --help',
    'things make --help',
    'things',
    'things get',
    'things mkae',
  ]) {
    const { out } = await home.onTerminal(args.split(' '), { env: { NO_COLOR: '1' } }).ended
    expect(out, args).toMatch(/thing|name/)
    expect(out.replaceAll(/\r?\n|\p{Cc}\[\d{1,2}m/gu, ''), args).not.toMatch(/\p{Cc}/u)
    expect(out).not.toContain('npm install')
  }
})

test('an MCP client hears that what answers is none, as JSON', async () => {
  serve([], '0.1.0', { '/mcp': { headers: { 'content-type': 'text/html' }, body: '<html>' } })
  const home = await command.home(baseUrl)
  const input = `${JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'ping' })}\n`
  const ran = await home.run(['mcp'], { input, env: { PLINTH_API_KEY: 'pk_x' } })
  expect(ran.rows()).toMatchObject([{ id: 7, error: { data: { code: 'BAD_RESPONSE' } } }])
})

test('a flag and a value that came since the contract was kept are taken, whatever was piped in', async () => {
  const make = (properties: object) => ({ path: 'things.make', kind: 'mutation', input: fields(properties) })
  serve([make({ kind: { enum: ['a'] } })], '0.1.0', { '/trpc/things.make': DONE })
  const home = await command.home(baseUrl)
  const call = ['things', 'make', '--json', '-', '--dry-run']
  expect(await home.run(call, { input: '{"kind":"a"}' })).toMatchObject({ code: 0 })
  expect(await home.run([...call, '--size', '2'], { input: '{"kind":"a"}' })).toMatchObject({ code: 2 })
  serve([make({ kind: { enum: ['a', 'b'] }, size: { type: 'number' } })], '0.1.0')
  const taken = await home.run([...call, '--size', '2'], { input: '{"kind":"b"}' })
  expect(taken.json()).toMatchObject({ input: { kind: 'b', size: 2 } })
})

test('that the command is too old for a server is said once', async () => {
  const headers = { 'x-plinth-outdated': 'This client is too old.', 'x-plinth-contract': '3.0.0' }
  serve([{ path: 'things.get' }], '3.0.0', { '/trpc/things.get': { ...DONE, headers } })
  const home = await command.home(baseUrl)
  const first = await home.run(['things', 'get'])
  expect(first).toMatchObject({ code: 0 })
  expect(first.err).toContain('npm install --global @plinth/client@3.0.0')
  expect(await home.run(['things', 'get'])).toMatchObject({ code: 0, err: '' })
})

test('a question shows no secret', async () => {
  const input = fields({ password: { type: 'string' }, id: { type: 'string' } }, ['password'])
  serve([{ path: 'things.drop', kind: 'mutation', destructive: true, input }])
  const home = await command.home(baseUrl)
  const json = JSON.stringify({ id: 't1', password: 'open sesame' })
  const asking = home.onTerminal(['things', 'drop', '--json', json])
  await asking.says('Do it?')
  asking.type('n')
  expect(await asking.ended).toMatchObject({ code: 130 })
  expect(asking.out()).toContain('(not shown)')
  expect(asking.out()).not.toContain('open sesame')
  expect(asked).not.toContain('POST /trpc/things.drop')
})

test('a call that is cut off says how to find out whether it happened', async () => {
  serve([{ path: 'things.make', kind: 'mutation' }])
  const [answer] = server.listeners('request')
  server.removeAllListeners('request')
  server.on('request', (req, res) => {
    if (req.url?.startsWith('/trpc') === true) asked.push('call')
    else if (typeof answer === 'function') answer(req, res)
  })
  try {
    const home = await command.home(baseUrl)
    const calling = home.start(['things', 'make', '--idempotency-key', 'once-1'])
    await until('the call', () => asked.includes('call') || undefined, 30_000)
    calling.child.kill('SIGINT')
    const { code, err } = await calling.ended
    expect(code).toBe(130)
    expect(err).toContain('--idempotency-key once-1')
  } finally {
    server.closeAllConnections()
  }
})
