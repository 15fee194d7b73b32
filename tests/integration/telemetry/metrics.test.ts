import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { registryOf } from '../../../server/src/contract/registry.ts'
import { expectOk } from '../../support/expect-clean.ts'
import { mutate, query, send } from '../../support/http.ts'
import { type OtlpReceiver, startOtlpReceiver } from '../../support/otlp-receiver.ts'
import { addPerson, textOf } from '../../support/people.ts'
import { openStream } from '../../support/sse.ts'
import { until } from '../../support/until.ts'
import { type ObservedServer, startObserved } from './observed-server.ts'

const TOKEN = 'tG5kQ2vX9mZ4rL7wB1nC8pJ3hF6dS0yA'

let collector: OtlpReceiver
let server: ObservedServer

beforeAll(async () => {
  collector = await startOtlpReceiver()
  server = await startObserved(collector.endpoint, { METRICS_TOKEN: TOKEN })
}, 120_000)
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await collector[Symbol.asyncDispose]()
})

const scrape = (token: string | undefined) =>
  send(`${server.baseUrl}/metrics`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })

/** The value of the first series of `name` whose labels contain all of `labels`. */
function reading(text: string, name: string, ...labels: string[]): number | undefined {
  const line = text
    .split('\n')
    .find(
      (one) =>
        (one.startsWith(`${name}{`) || one.startsWith(`${name} `)) &&
        labels.every((label) => one.includes(label)),
    )
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')))
}

describe('T15 /metrics', () => {
  test.each([undefined, '', 'wrong', `${TOKEN}x`, TOKEN.slice(1)])('%s does not open it', async (token) => {
    const answer = await scrape(token)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    expect(answer.text).not.toContain('rpc_')
  })
})

test('calls are counted by procedure and code, and measured', async () => {
  const person = await addPerson(server)
  expectOk(await query(server.baseUrl, 'users.me', undefined, person))
  expectOk(await query(server.baseUrl, 'users.me', undefined, person))
  await query(server.baseUrl, 'users.me')
  const { text, headers } = await scrape(TOKEN)
  expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const calls = 'rpc_server_call_duration_count'
  expect(reading(text, calls, 'rpc_method="users.me"', 'rpc_response_status_code="OK"')).toBe(2)
  expect(reading(text, calls, 'rpc_method="users.me"', 'rpc_response_status_code="UNAUTHORIZED"')).toBe(1)
  expect(reading(text, 'rpc_server_call_duration_bucket', 'users.me', 'OK', 'le="+Inf"')).toBe(2)
})

test('what nobody knows makes no series, whatever is called', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, index) => query(server.baseUrl, `nothing.here${index}`)))
  await mutate(server.baseUrl, 'users.me')
  const { text } = await scrape(TOKEN)
  const known = new Set(registryOf(server.app.router).map(({ path }) => path))
  const counted = [...text.matchAll(/rpc_method="([^"]*)"/g)].map(([, path]) => path ?? '')
  expect(counted.length).toBeGreaterThan(0)
  expect(counted.filter((path) => !known.has(path))).toEqual([])
})

test('streams, connections, memory and the event loop are gauged', async () => {
  const person = await addPerson(server)
  const made = await mutate(server.baseUrl, 'projects.create', { name: 'G', slug: 'gauged' }, person)
  const projectId = textOf(expectOk(made), 'id')
  const stream = await openStream(server.baseUrl, 'tasks.onChange', { projectId }, person)
  const during = (await scrape(TOKEN)).text
  expect(reading(during, 'plinth_streams_open')).toBe(1)
  expect(reading(during, 'http_server_active_requests')).toBeGreaterThanOrEqual(2)
  expect(reading(during, 'db_client_connection_count', 'idle')).toBeGreaterThan(0)
  expect(reading(during, 'db_client_connection_max')).toBe(server.config.databasePoolSize)
  expect(reading(during, 'process_memory_usage')).toBeGreaterThan(10_000_000)
  expect(reading(during, 'process_cpu_time_total', 'user')).toBeGreaterThan(0)
  expect(reading(during, 'nodejs_eventloop_delay_p99')).toBeGreaterThanOrEqual(0)
  stream[Symbol.dispose]()
  await until('the gauge to fall', async () =>
    reading((await scrape(TOKEN)).text, 'plinth_streams_open') === 0 ? true : undefined,
  )
})

test('the same numbers go to the collector', async () => {
  await until('them to be sent', () =>
    collector.metrics.has('rpc.server.call.duration') && collector.metrics.has('plinth.streams.open')
      ? true
      : undefined,
  )
  expect([...collector.metrics]).toEqual(
    expect.arrayContaining(['db.client.operation.duration', 'process.memory.usage', 'v8js.memory.heap.used']),
  )
})
