import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { createLogger, type LoggerOptions } from './logger.ts'
import { runInContext } from './request-context.ts'

function collect(format: LoggerOptions['format']) {
  const stream = new PassThrough()
  const logger = createLogger({ level: 'info', format, stream })
  return { logger, lines: () => String(stream.read() ?? '') }
}

test('fields named like secrets never reach the log, however deep', () => {
  const { logger, lines } = collect('json')
  logger.info('call', {
    password: 'hunter2hunter2',
    input: { refreshToken: 'prt_abc', ok: 1 },
    authorization: 'Bearer x',
  })
  const text = lines()
  expect(text).not.toMatch(/hunter2|prt_abc|Bearer x/)
  expect(JSON.parse(text)).toMatchObject({
    password: '[redacted]',
    input: { refreshToken: '[redacted]', ok: 1 },
  })
})

test('user text cannot forge a line or send terminal sequences', () => {
  const { logger, lines } = collect('pretty')
  logger.info('call', { name: 'a\n{"level":"error"}\u001b[31m' })
  const text = lines()
  expect(text.trimEnd().split('\n')).toHaveLength(1)
  expect(text).not.toContain('\u001b')
})

test('long text is cut', () => {
  const { logger, lines } = collect('json')
  logger.info('call', { text: 'x'.repeat(1_000_000) })
  expect(lines().length).toBeLessThan(16_384)
})

test('a line inside a request carries its trace id', () => {
  const { logger, lines } = collect('json')
  const context = {
    traceId: 'trace-1',
    surface: 'trpc',
    ip: undefined,
    userAgent: undefined,
    roundTrips: 0,
  } as const
  runInContext({ ...context }, () => logger.info('call'))
  expect(JSON.parse(lines())).toMatchObject({ traceId: 'trace-1', message: 'call' })
})

test('an error is written with its cause', () => {
  const { logger, lines } = collect('json')
  logger.error('failed', { error: new Error('outer', { cause: new Error('inner') }) })
  expect(JSON.parse(lines())).toMatchObject({ error: { message: 'outer', cause: { message: 'inner' } } })
})

test.each([
  ['a token of ours', 'sent prt_AbCdEfGhIjKlMnOpQrStUvWx to', 'prt_AbCdEf'],
  ['an API key', 'the key plk_AbCdEfGhIjKlMnOpQrStUvWx', 'plk_AbCdEf'],
  ['a JSON web token', 'jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', 'eyJ'],
  ['half a JSON web token', 'jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIi', 'eyJ'],
  ['a bearer header', 'authorization: Bearer hunter2hunter2', 'hunter2'],
  ['a password in an address', 'connect postgres://user:hunter2@db/x failed', 'hunter2'],
  ['a key of a provider', 'sk-proj-AbCdEfGhIjKlMnOpQr', 'sk-proj'],
  ['a password hash', `$2b$12$${'a'.repeat(53)}`, '$2b$'],
])('%s is cut out of any text', (_name, text, secret) => {
  const { logger, lines } = collect('json')
  logger.info(text, { text, error: new Error(text), list: [{ [text]: text }] })
  const line = lines()
  expect(line).toContain('[redacted]')
  expect(line).not.toContain(secret)
})

test('a credential that begins before the cut leaves nothing behind', () => {
  const { logger, lines } = collect('json')
  logger.info('call', { text: `${'x '.repeat(990)}plk_${'k'.repeat(5_000)}` })
  expect(lines()).not.toContain('plk_k')
})

test('no line is longer than 16 KiB, whatever it is given, and keeps what identifies it', () => {
  const { logger, lines } = collect('json')
  const wide = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${index}`, '€'.repeat(3_000)]))
  const deep = { a: wide, b: [wide, wide, { c: wide }], d: { e: { f: wide } } }
  logger.error('€'.repeat(5_000), {
    ...deep,
    ...wide,
    procedure: 'tasks.list',
    traceId: 'trace-1',
    code: 'OK',
  })
  logger.info('call', { procedure: 'tasks.list', traceId: 'trace-1', input: wide })
  for (const line of lines().trimEnd().split('\n')) {
    expect(Buffer.byteLength(line)).toBeLessThan(16_384)
    expect(JSON.parse(line)).toMatchObject({ procedure: 'tasks.list', traceId: 'trace-1', truncated: true })
  }
})
