import { expect, test } from 'vitest'
import { clientVersionIn, versionLabel, versionNotice } from '../../../server/src/contract/client-version.ts'
import { noteDeprecated } from '../../../server/src/contract/pipeline/note-deprecated.ts'
import type { Surface } from '../../../server/src/platform/request-context.ts'
import { installMeter } from '../../../server/src/platform/telemetry/metrics.ts'

const served = { version: '1.10.2', since: '1.2.0', releases: ['1.0.0', '1.2.0', '1.10.2'] }

test.each([
  [undefined, undefined],
  ['1.10.2', undefined],
  ['1.2.0', undefined],
  ['1.9.9', undefined],
  ['1.10.9', undefined],
  ['1.1.9', 'serves clients from 1.2.0 on in full. Run "npm i @plinth/client@1.10.2"'],
  ['0.9.0', 'This client is @plinth/client 0.9.0; the server is at 1.10.2'],
  ['1.11.0', 'the server only at 1.10.2'],
  ['2.0.0', 'Update the server, or run "npm i @plinth/client@1.10.2"'],
])('a client of %s hears %o', (client, words) => {
  const notice = versionNotice(client, served)
  if (words === undefined) expect(notice).toBeUndefined()
  else expect(notice).toContain(words)
})

test('before 1.0 a newer patch may call what is not there', () => {
  expect(versionNotice('0.3.2', { version: '0.3.1', since: '0.3.0', releases: [] })).toContain('0.3.2')
})

test.each(['', 'latest', '1.2', '1.2.3-beta', '1.2.3\r\nX: y', '9999999.0.0'])(
  '%j is no version',
  (header) => {
    expect(clientVersionIn(header)).toBeUndefined()
  },
)

test('a metric has releases as versions and nothing that a caller made up', () => {
  expect(['1.2.0', '1.2.1', undefined].map((client) => versionLabel(client, served))).toEqual([
    '1.2.0',
    'other',
    'none',
  ])
})

test('calls of a deprecated procedure are counted by version, logged once each, and answered with headers', () => {
  const counted: unknown[] = []
  const lines: unknown[] = []
  const headers: string[] = []
  const noop = { add: () => undefined, record: () => undefined }
  const stop = installMeter({
    counter: ({ name }) =>
      name === 'plinth.calls.deprecated'
        ? { add: (_count, attributes) => void counted.push(attributes) }
        : noop,
    histogram: () => noop,
    gauge: () => () => undefined,
  })
  const log = (_message: string, fields: unknown): void => void lines.push(fields)
  const call = (surface: Surface, batched = false) =>
    noteDeprecated({ since: '2026-11-21', use: 'b.c' }, 'a.b', {
      request: {
        traceId: 't',
        surface,
        ip: undefined,
        userAgent: undefined,
        roundTrips: 0,
        contract: '0.0.1',
      },
      batched,
      headers: { set: (name, value) => void headers.push(`${surface} ${name}: ${value}`) },
      runtime: { logger: { debug: log, info: log, warn: log, error: log } },
    })
  call('trpc')
  call('trpc', true)
  call('mcp')
  stop()
  const base = { 'rpc.method': 'a.b', 'plinth.client.version': 'other' }
  expect(counted).toEqual(['trpc', 'trpc', 'mcp'].map((surface) => ({ ...base, 'plinth.surface': surface })))
  expect(lines).toMatchObject([{ surface: 'trpc', use: 'b.c', clientVersion: 'other' }, { surface: 'mcp' }])
  expect(headers).toEqual(['trpc Deprecation: @1795219200'])
})
