import { afterAll, beforeAll, expect, test } from 'vitest'
import { withSpan } from '../../../server/src/platform/telemetry/index.ts'
import { expectOk } from '../../support/expect-clean.ts'
import { query } from '../../support/http.ts'
import { startOtlpReceiver } from '../../support/otlp-receiver.ts'
import { addPerson, type LogIn, type Person } from '../../support/people.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { freePort } from '../../support/server-process.ts'
import { timed } from '../../support/until.ts'
import { observe } from './observed-server.ts'

const LONG = { OTEL_BSP_SCHEDULE_DELAY: '60000', OTEL_METRIC_EXPORT_INTERVAL: '60000' }
const FLUSH_MS = 10_000

let server: TestServer
let person: Person & LogIn

beforeAll(async () => {
  server = await startServer()
  person = await addPerson(server)
}, 120_000)
afterAll(() => server[Symbol.asyncDispose]())

const ask = async () => expectOk(await query(server.baseUrl, 'users.me', undefined, person))

test('a collector that is not there fails no call, and holds no stop up', async () => {
  const telemetry = await observe(`http://127.0.0.1:${await freePort()}`)
  for (let count = 0; count < 20; count += 1) await ask()
  const { ms } = await timed(() => telemetry.close(500))
  expect(ms).toBeLessThan(2_500)
})

test('a collector that never answers fills no memory, and is not waited for', async () => {
  await using collector = await startOtlpReceiver()
  collector.hold(true)
  const telemetry = await observe(collector.endpoint)
  const before = process.memoryUsage().heapUsed
  // Twenty times as many as may wait.
  for (let count = 0; count < 80_000; count += 1) await withSpan('noise', {}, async () => undefined)
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000)
  await ask()
  const { ms } = await timed(() => telemetry.close(500))
  expect(ms).toBeLessThan(2_500)
})

test('what waits is sent before the stop', async () => {
  await using collector = await startOtlpReceiver()
  const telemetry = await observe(collector.endpoint, LONG)
  await ask()
  expect(collector.spans).toEqual([])
  await telemetry.close(FLUSH_MS)
  expect(collector.spans.map(({ name }) => name)).toContain('users.me')
  expect([...collector.metrics]).toEqual(
    expect.arrayContaining(['rpc.server.call.duration', 'process.memory.usage', 'plinth.calls.running']),
  )
})

test('a collector that takes only traces is sent no metrics', async () => {
  await using collector = await startOtlpReceiver()
  const telemetry = await observe(collector.endpoint, { OTEL_METRICS_EXPORTER: 'none' })
  await ask()
  await telemetry.close(FLUSH_MS)
  expect(collector.spans.map(({ name }) => name)).toContain('users.me')
  expect([...collector.metrics]).toEqual([])
})
