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
